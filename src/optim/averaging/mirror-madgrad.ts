import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import { choice, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { ema, l2, shrink } from '../rules.ts';
import { cubeRoot, padded } from './madgrad.ts';

/**
 * Mirror MADGRAD: MADGRAD's weighting with mirror descent in the place of dual averaging, so nothing anchors it at w_0. Defazio & Jelassi 2021,
 * in the authors' repository only; the paper does not describe it.
 *
 *   nu <- sqrt((t - 1) / t) nu + g^2,  z <- z - a t^(1/3) g / (nu^(1/3) + eps),  w <- momentum w + (1 - momentum) z,  a = lr + eps
 *
 * eps is 0 by default, and where nu is 0 too nothing moves: a parameter that has seen no gradient stays exactly where it is. Weight decay is L2
 * in the gradient, or first z <- (1 - a weightDecay) z with `decay: 'decoupled'`. Without momentum z is w and is not kept.
 */
export const mirrorMadgrad = defineOptimizer({
  id: 'mirror-madgrad',
  summary: 'MADGRAD by mirror descent, without an anchor at the start',
  source: 'Defazio & Jelassi 2021, facebookresearch/madgrad, mirror_madgrad.py',
  hyper: {
    lr: positive(1e-2, { tune: log(1e-3, 0.3), doc: 'step size' }),
    momentum: optional(unit(0.9, { tune: logOneMinus(0.5, 0.98), doc: 'share of w that stays in each step' })),
    eps: nonNegative(0, { doc: 'added to the cube root and to lr' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'weight decay' })),
    decay: choice('l2', ['l2', 'decoupled'], 'weight decay in the gradient, or on z, times lr'),
  },
  init: (w, { momentum }): { nu: Bundle; z?: Bundle } => ({ nu: zerosLike(w), ...(momentum && { z: w }) }),
  step({ w, state, oracle, t, hyper: { lr, momentum, eps, weightDecay, decay } }) {
    const a = padded(lr, eps);
    const g = l2(oracle.grad(w), w, decay === 'l2' ? weightDecay : undefined);
    const nu = state.nu.mul(t.sub(1).div(t).sqrt()).add(g.square());
    const from = shrink(state.z ?? w, decay === 'decoupled' ? weightDecay?.mul(a) : undefined);
    const z = from.sub(g.mul(a.mul(t.pow(1 / 3))).div(cubeRoot(nu, eps)));
    return momentum ? { w: ema(w, z, momentum), state: { nu, z } } : { w: z, state: { nu } };
  },
});
