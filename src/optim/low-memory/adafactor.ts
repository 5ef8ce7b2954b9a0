import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import { zeros } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { count, flag, fraction, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { ema, oneMinus, perTensorKeeping, shrink } from '../rules.ts';

/** Second moments of one tensor: row means [..., r] and column means [..., c], or all of them as a vector. */
type Moments = { readonly rows: Tensor; readonly columns: Tensor } | { readonly v: Tensor };

const rms = (x: Tensor): Tensor => x.square().mean().sqrt();

/**
 * Adafactor: RMSprop with a factored second moment, clipped updates and steps relative to the parameters. Shazeer & Stern 2018,
 * arXiv:1804.04235, Algorithms 4 to 6.
 *
 *   q = g^2 + eps1,  beta = 1 - t^(-decay),  R <- beta R + (1 - beta) rows(q),  C <- beta C + (1 - beta) columns(q)
 *   u = g / sqrt(R C / mean(R)),  u <- u / max(1, RMS(u) / clip),  w <- w - max(eps2, RMS(w)) rho u,  rho = min(lr, 1 / sqrt(t))
 *
 * R and C are means, as in the authors' code; the paper's sums give the same u. Tensors of two or more axes are factored over the last two,
 * if both have `factorFrom` elements (the authors' code: 128); all others keep v whole. `beta2` is a constant decay, corrected for its bias.
 * `momentum` averages the finished updates. With `relativeStep: false` rho is lr; with `scaleParameter: false` max(eps2, RMS(w)) is 1. Weight
 * decay, which the paper does not have, is times rho. The paper's warmup is a schedule: lr growing to 1e-2 over 10000 steps. (For a while in 2026
 * pytorch_optimizer divided by min(1, RMS(u) / clip), which never clips and magnifies small updates.)
 * In float32 gradients and parameters beyond 1e19 have no squares and leave NaN here; for the gradient, `clip-value` around it is the remedy.
 */
export const adafactor = defineOptimizer({
  id: 'adafactor',
  summary: 'RMSprop with a factored second moment, clipped updates and relative steps',
  source: 'Shazeer & Stern 2018, arXiv:1804.04235, Algorithms 4 to 6',
  hyper: {
    lr: positive(1e-2, { tune: log(1e-4, 0.3), doc: 'step size, or its bound with relativeStep' }),
    relativeStep: flag(true, 'the step size is min(lr, 1 / sqrt(t)); false: lr'),
    scaleParameter: flag(true, 'steps are relative to the root mean square of a tensor'),
    decay: fraction(0.8, { doc: 'the second moment forgets with rate t^-decay' }),
    beta2: optional(unit(0, { doc: 'a constant decay of the second moment instead, its bias corrected; 0: none' })),
    factorFrom: count(1, "tensors with a shorter one of the last two axes keep v whole; the authors' code: 128"),
    clip: positive(1, { doc: 'largest root mean square of an update, before its step size' }),
    eps1: positive(1e-30, { doc: 'added to squared gradients' }),
    eps2: nonNegative(1e-3, { doc: 'least root mean square of a tensor that steps are relative to' }),
    momentum: optional(unit(0, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the average of updates' })),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decoupled decay, times the step size' })),
  },
  init: (w, { momentum, factorFrom }): { moments: Moments[]; m?: Bundle } => ({
    moments: w.layout.leaves.map(({ shape, size }) =>
      shape.length < 2 || Math.min(...shape.slice(-2)) < factorFrom
        ? { v: zeros([size], w.flat.dtype) }
        : {
            rows: zeros(shape.slice(0, -1), w.flat.dtype),
            columns: zeros([...shape.slice(0, -2), shape[shape.length - 1]], w.flat.dtype),
          },
    ),
    ...(momentum && { m: zerosLike(w) }),
  }),
  step({ w, state, oracle, t, hyper }) {
    const { lr, relativeStep, scaleParameter, decay, beta2, clip, eps1, eps2, momentum, weightDecay } = hyper;
    // The paper's section 7.1: Adam's bias correction as a decay that grows.
    const corrected = beta2?.mul(oneMinus(beta2.pow(t.sub(1)))).div(oneMinus(beta2.pow(t)));
    const beta = corrected ?? oneMinus(t.pow(decay.neg()));
    const rho = relativeStep ? lr.minimum(t.sqrt().reciprocal()) : lr;

    const normalized = (gradient: Tensor, old: Moments): [Tensor, Moments] => {
      if ('v' in old) {
        const g = gradient.reshape([-1]);
        const v = ema(old.v, g.square().add(eps1), beta);
        return [g.div(v.sqrt()), { v }];
      }
      const q = gradient.square().add(eps1);
      const rows = ema(old.rows, q.mean(-1), beta);
      const columns = ema(old.columns, q.mean(-2), beta);
      // Root by root: with eps1 the product R C would underflow where gradients are 0.
      const scaled = rows.div(rows.mean(-1, { keepDims: true }));
      const u = gradient.mul(scaled.sqrt().reciprocal().expandDims(-1)).mul(columns.sqrt().reciprocal().expandDims(-2));
      return [u, { rows, columns }];
    };
    const [update, moments] = perTensorKeeping(
      state.moments,
      ([gradient, x], _, old): [Tensor, Moments] => {
        const [u, next] = normalized(gradient, old);
        const scale = scaleParameter ? rms(x).maximum(eps2).mul(rho) : rho;
        return [u.mul(scale.div(rms(u).div(clip).maximum(1))), next];
      },
      oracle.grad(w),
      w,
    );
    const m = state.m && momentum ? ema(state.m, update, momentum) : update;
    return { w: shrink(w, weightDecay?.mul(rho)).sub(m), state: { moments, ...(state.m && { m }) } };
  },
});
