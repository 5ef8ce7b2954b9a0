import { fraction, linear as linearly, positive } from '../hyper.ts';
import { oneMinus } from '../rules.ts';
import { defineSchedule } from './schedule.ts';
import { indexing, overRest, warmup, warmupForm, warmupMode } from './warmup.ts';

/**
 * Polynomial decay, as in Caffe's "poly" policy, PyTorch's `PolynomialLR` and Optax's `polynomial_schedule`.
 *
 *   floor + (1 - floor) (1 - p / n)^decayPower,  p of the n steps after warmup
 *
 * decayPower 1 is `linear`. Beyond the horizon the floor stays: the power of a negative share would not be a number.
 */
export const polynomial = defineSchedule({
  id: 'polynomial',
  summary: 'a power of the share of the run that is left',
  source: 'common practice; PyTorch PolynomialLR, Optax polynomial_schedule',
  hyper: {
    warmup: warmup(),
    warmupForm: warmupForm(),
    warmupMode: warmupMode(),
    decayPower: positive(2, { tune: linearly(0.5, 3), doc: 'power of the share that is left' }),
    floor: fraction(0, { doc: 'last factor' }),
    indexing: indexing(),
  },
  multiplier: (context) => {
    const { floor, decayPower } = context.hyper;
    return overRest(context, (p, n) =>
      oneMinus(floor)
        .mul(oneMinus(p.div(n)).pow(decayPower))
        .add(floor),
    );
  },
});
