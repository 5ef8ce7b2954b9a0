import { Bundle, zerosLike } from '../../tensor/bundle.ts';
import { constant, where, zeros } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { ema, shrink } from '../rules.ts';

/** |g| / (std(g) + eps), a number for each tensor; `fallback` for those of one element, which have no deviation. */
function signalToNoise(g: Bundle, eps: Tensor, fallback: Tensor): Tensor {
  const { sizes } = g.layout;
  const { dtype } = g.flat;
  const mean = g.tensorSums().div(g.perLeaf(({ size }) => size));
  const degrees = constant(
    sizes.map((n) => Math.max(1, n - 1)),
    { dtype },
  );
  const std = g.sub(mean).square().sumOfEach().div(degrees).sqrt();
  const several = constant(sizes, { dtype }).gt(1);
  return where(several, g.square().sumOfEach().sqrt().div(std.add(eps)), fallback);
}

/**
 * SGD-SaI: momentum SGD whose rate is scaled tensor by tensor by the signal-to-noise ratio of the first gradient. Xu et al. 2024,
 * arXiv:2412.11768, Algorithm 1; AnonymousAlethiometer/SGD_SaI.
 *
 *   at t = 1:  gsnr = |g| / (std(g) + eps),  m <- g        later:  m <- momentum m + (1 - momentum) g
 *   w <- (1 - lr weightDecay) w - lr gsnr m
 *
 * std is over the elements of a tensor, with n - 1. The numerator is the plain norm, as in the authors' code (whether the paper means to
 * subtract the mean there was not settled). As |g|^2 = (n - 1) std^2 + n mean^2, gsnr is about sqrt(n): nearly a rate of lr sqrt(n) for a tensor of
 * n elements. A tensor of one element has no deviation; the authors' code makes its factor 0, so that it never moves, which `fallback` changes.
 * A tensor whose first gradient is 0 keeps the factor 0; one whose first gradient is the same number everywhere gets |g| / eps. With momentum 0
 * m is g (the authors' code then reads a buffer that it does not have). Biases and norm gains are not decayed.
 * In float32 a gradient beyond 1e19 has no square and leaves NaN here; `clip-value` around it is the remedy.
 */
export const sgdSai = defineOptimizer({
  id: 'sgd-sai',
  summary: 'momentum SGD with rates for each tensor, measured once at the first gradient',
  source: 'Xu et al. 2024, arXiv:2412.11768, Algorithm 1',
  hyper: {
    lr: positive(1e-2, { tune: log(1e-4, 0.1), doc: 'step size' }),
    momentum: optional(unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the momentum; 0 keeps none' })),
    eps: positive(1e-8, { doc: 'added to the deviation of the first gradient' }),
    fallback: nonNegative(0, { doc: 'factor of tensors of one element' }),
    weightDecay: optional(nonNegative(1e-2, { tune: log(1e-4, 1), doc: 'decoupled decay, times lr' })),
  },
  init: (w, { momentum }): { gsnr: Tensor; m?: Bundle } => ({
    gsnr: zeros([w.layout.leaves.length], w.flat.dtype),
    ...(momentum && { m: zerosLike(w) }),
  }),
  step({ w, state, oracle, t, hyper: { lr, momentum, eps, fallback, weightDecay } }) {
    const g = oracle.grad(w);
    const later = t.gt(1);
    const gsnr = where(later, state.gsnr, signalToNoise(g, eps, fallback));
    const m = state.m && momentum && ema(state.m, g, momentum).map((flat) => where(later, flat, g.flat));
    const factor = Bundle.fromNumbers(w.layout, gsnr);
    return {
      w: shrink(w, weightDecay?.mul(lr)).sub((m ?? g).mul(factor).mul(lr)),
      state: { gsnr, ...(m && { m }) },
    };
  },
});
