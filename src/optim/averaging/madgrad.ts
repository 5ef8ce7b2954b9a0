import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { choice, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { ema, l2, shrink } from '../rules.ts';

const third = 1 / 3;

/** nu^(1/3) + eps; infinite where that is 0, so that nothing moves where no gradient has been seen. */
export function cubeRoot(nu: Bundle, eps: Tensor): Bundle {
  const root = nu.pow(third).add(eps);
  return root.where(root.gt(0), Number.POSITIVE_INFINITY);
}

/** The step size of the authors' code: lr + eps, but 0 where a schedule has brought lr to 0. */
export const padded = (lr: Tensor, eps: Tensor): Tensor => where(lr.gt(0), lr.add(eps), 0);

/**
 * MADGRAD: dual averaging from w_0 with a cube root in AdaGrad's place, and momentum by averaging. Defazio & Jelassi 2021, arXiv:2101.11075,
 * Algorithm 1.
 *
 *   L_t = lr sqrt(t),  nu <- nu + L_t g^2,  s <- s + L_t g,  z = w_0 - s / (nu^(1/3) + eps),  w <- momentum w + (1 - momentum) z
 *
 * The authors' code takes lr + eps for lr (form 'code', the default); form 'paper' does not. Weight decay is L2 in the gradient, or, with
 * `decay: 'decoupled'`, lr weightDecay times the old w is taken off after the step (with momentum the next z pulls that back in part, for w_0
 * stays where it is). Without momentum w_0 is not kept: w + s / (nu^(1/3) + eps), before the step, is it. eps may be 0: what has seen no
 * gradient stays where it is.
 */
export const madgrad = defineOptimizer({
  id: 'madgrad',
  summary: 'dual averaging with cube-root AdaGrad scaling and averaging momentum',
  source: 'Defazio & Jelassi 2021, arXiv:2101.11075, Algorithm 1; facebookresearch/madgrad',
  hyper: {
    lr: positive(1e-2, { tune: log(3e-4, 0.1), doc: 'step size' }),
    momentum: optional(unit(0.9, { tune: logOneMinus(0.5, 0.98), doc: 'share of w that stays in each step' })),
    eps: nonNegative(1e-6, { doc: 'added to the cube root' }),
    form: choice('code', ['code', 'paper'], 'steps of lr + eps, as the code has them, or of lr'),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'weight decay' })),
    decay: choice('l2', ['l2', 'decoupled'], 'weight decay in the gradient, or on the weights, times lr'),
  },
  init: (w, { momentum }): { s: Bundle; nu: Bundle; anchor?: Bundle } => ({
    s: zerosLike(w),
    nu: zerosLike(w),
    ...(momentum && { anchor: w }),
  }),
  step({ w, state, oracle, t, hyper: { lr, momentum, eps, form, weightDecay, decay } }) {
    const g = l2(oracle.grad(w), w, decay === 'l2' ? weightDecay : undefined);
    const rate = form === 'code' ? padded(lr, eps) : lr;
    const weight = rate.mul(t.sqrt());
    const nu = state.nu.add(g.square().mul(weight));
    const s = state.s.add(g.mul(weight));
    const anchor = state.anchor ?? w.add(state.s.div(cubeRoot(state.nu, eps)));
    const z = anchor.sub(s.div(cubeRoot(nu, eps)));
    const next = momentum ? ema(w, z, momentum) : z;
    const lost = decay === 'decoupled' && weightDecay ? w.sub(shrink(w, weightDecay.mul(rate))) : undefined;
    return {
      w: lost ? next.sub(lost) : next,
      state: { s, nu, ...(state.anchor && { anchor: state.anchor }) },
    };
  },
});
