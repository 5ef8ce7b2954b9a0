import { type Bundle, perTensor, zerosLike } from '../../tensor/bundle.ts';
import { zeros } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { flag, fraction, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { ema, oneMinus, shrink } from '../rules.ts';

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
 * whatever their size (the authors' code: from 128 on); vectors keep v whole. `momentum` averages the finished updates. With
 * `relativeStep: false` rho is lr; with `scaleParameter: false` max(eps2, RMS(w)) is 1. pytorch_optimizer divides by min(1, RMS(u) / clip),
 * which never clips and magnifies small updates: not followed.
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
    clip: positive(1, { doc: 'largest root mean square of an update, before its step size' }),
    eps1: positive(1e-30, { doc: 'added to squared gradients' }),
    eps2: nonNegative(1e-3, { doc: 'least root mean square of a tensor that steps are relative to' }),
    momentum: optional(unit(0, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the average of updates' })),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decoupled decay, times the step size' })),
  },
  init: (w, { momentum }): { moments: Moments[]; m?: Bundle } => ({
    moments: w.layout.leaves.map(({ shape, size }) =>
      shape.length < 2
        ? { v: zeros([size], w.flat.dtype) }
        : {
            rows: zeros(shape.slice(0, -1), w.flat.dtype),
            columns: zeros([...shape.slice(0, -2), shape[shape.length - 1]], w.flat.dtype),
          },
    ),
    ...(momentum && { m: zerosLike(w) }),
  }),
  step({ w, state, oracle, t, hyper }) {
    const { lr, relativeStep, scaleParameter, decay, clip, eps1, eps2, momentum, weightDecay } = hyper;
    const beta = oneMinus(t.pow(decay.neg()));
    const rho = relativeStep ? lr.minimum(t.sqrt().reciprocal()) : lr;
    const average = (old: Tensor, q: Tensor) => old.mul(beta).add(q.mul(oneMinus(beta)));

    const moments: Moments[] = [];
    const update = perTensor(
      ([gradient, x], { shape }) => {
        const old = state.moments[moments.length];
        const g = 'v' in old ? gradient.reshape([-1]) : gradient;
        const q = g.square().add(eps1);
        let u: Tensor;
        if ('v' in old) {
          const v = average(old.v, q);
          moments.push({ v });
          u = g.div(v.sqrt());
        } else {
          const rows = average(old.rows, q.mean(-1));
          const columns = average(old.columns, q.mean(-2));
          moments.push({ rows, columns });
          // Root by root: with eps1 the product R C would underflow where gradients are 0.
          const scaled = rows.div(rows.mean(-1, { keepDims: true }));
          u = g.mul(scaled.sqrt().reciprocal().expandDims(-1)).mul(columns.sqrt().reciprocal().expandDims(-2));
        }
        const scale = scaleParameter ? rms(x).maximum(eps2).mul(rho) : rho;
        return u.mul(scale.div(rms(u).div(clip).maximum(1))).reshape(shape);
      },
      oracle.grad(w),
      w,
    );
    const m = state.m && momentum ? ema(state.m, update, momentum) : update;
    return { w: shrink(w, weightDecay?.mul(rho)).sub(m), state: { moments, ...(state.m && { m }) } };
  },
});
