import { where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { choice, fraction, nonNegative } from '../hyper.ts';
import { oneMinus, stepsOf } from '../rules.ts';
import { defineSchedule, one } from './schedule.ts';
import { afterWarmup, warmup, warmupForm } from './warmup.ts';

type Shape = (x: Tensor) => Tensor;
const linear: Shape = (x) => oneMinus(x);
const cosine: Shape = (x) => x.mul(Math.PI).cos().add(1).mul(0.5);

/** From 1 at x = 0 to 0 at x = 1. 'exponential' is floor^x instead. */
const shapes: Record<'1-sqrt' | 'linear' | 'cosine' | 'mirror-cosine' | 'square', Shape> = {
  '1-sqrt': (x) => oneMinus(x.sqrt()),
  linear,
  cosine,
  'mirror-cosine': (x) => linear(x).mul(2).sub(cosine(x)),
  square: (x) => oneMinus(x.square()),
};

/**
 * Warmup, stable, decay: a constant rate and a short cooldown at the end. Hagele et al. 2024, arXiv:2405.18392, section 3.
 *
 *   x = (s - H) / D in the last D = cooldown T steps, H = T - D, s steps being done;  floor + (1 - floor) shape(x)
 *
 * x starts at 0, so the first cooldown step still has the full rate and the last a little; cooldownIndexing 'one' takes (s + 1 - H) / D
 * (Schaipp et al. 2025), whose last step has the floor; 'inner' (s + 1 - H) / (D + 1). Beyond the horizon the floor stays. The authors' flags default to linear over a tenth; we take what the paper found
 * best: 1-sqrt over a fifth. pytorch_optimizer 4.1.0 has the floor within its cosine shape alone and jumps up to it from the others; here all fall to it.
 */
export const wsd = defineSchedule({
  id: 'wsd',
  summary: 'warmup, constant, cooldown',
  source: 'Hagele et al. 2024, arXiv:2405.18392, section 3',
  hyper: {
    warmup: warmup(),
    warmupForm: warmupForm('hundredth'),
    cooldown: nonNegative(0.2, { doc: 'steps of the cooldown; below 1: a share of the run' }),
    shape: choice(
      '1-sqrt',
      ['1-sqrt', 'linear', 'cosine', 'mirror-cosine', 'square', 'exponential'],
      'of the cooldown',
    ),
    floor: fraction(0, { doc: 'last factor' }),
    cooldownIndexing: choice(
      'zero',
      ['zero', 'one', 'inner'],
      'zero: the first cooldown step has the full rate; one: the last the floor; inner: neither',
    ),
  },
  check: ({ shape, floor }) =>
    shape === 'exponential' && floor === 0 ? 'floor is 0; shape exponential needs it in (0, 1]' : null,
  multiplier: (context) =>
    afterWarmup(context, () => {
      const { t, horizon, hyper } = context;
      const { floor, shape } = hyper;
      const D = stepsOf(hyper.cooldown, horizon);
      const start = horizon.sub(D);
      const s = t.sub(1);
      const length = hyper.cooldownIndexing === 'inner' ? D.add(1) : D.maximum(1);
      const x = (hyper.cooldownIndexing === 'zero' ? s : t).sub(start).div(length).clip(0, 1);
      const fall = shape === 'exponential' ? floor.pow(x) : oneMinus(floor).mul(shapes[shape](x)).add(floor);
      return where(s.lt(start), one(), fall);
    }),
});
