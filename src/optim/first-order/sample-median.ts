import { concat, where } from '../../tensor/functions.ts';
import { rowNorms } from '../../tensor/row-norms.ts';
import type { Tensor } from '../../tensor/tensor.ts';

// Medians of the rows of [n, d], as robust means of per-example gradients (oracle.perExampleGrads gives them in this form).

/**
 * The point with the least sum of distances to the rows of [n, d], nearly, as [d]: Weiszfeld's iteration from their mean.
 * m <- sum(g_i / |g_i - m|) / sum(1 / |g_i - m|), distances floored at 1e-12.
 */
export function geometricMedian(rows: Tensor, { iterations = 10 } = {}): Tensor {
  let m = rows.mean(0);
  for (let i = 0; i < iterations; i++) {
    const weights = rowNorms(rows.sub(m)).maximum(1e-12).reciprocal();
    m = rows.mul(weights).sum(0).div(weights.sum());
  }
  return m;
}

/**
 * The same by stochastic proximal point steps over the rows in turn, in sweep k with step tau / k: m <- m + min(1, tau / (k |g_i - m|)) (g_i - m).
 * Schaipp et al. 2024, arXiv:2402.12828.
 */
export function proximalMedian(rows: Tensor, { sweeps = 10, tau = 1 } = {}): Tensor {
  let m = rows.mean(0);
  for (let k = 1; k <= sweeps; k++) {
    for (let i = 0; i < rows.shape[0]; i++) {
      const d = rows.at(0, i).sub(m);
      const length = d.norm().maximum(1e-12);
      m = m.add(
        d.mul(
          length
            .reciprocal()
            .mul(tau / k)
            .minimum(1),
        ),
      );
    }
  }
  return m;
}

/** The median of each column of [n, d], as [d]: the mean of the two middle elements where n is even. Takes n^2 d comparisons. */
export function componentwiseMedian(rows: Tensor): Tensor {
  const n = rows.shape[0];
  const others = rows.expandDims(0);
  const ranks = concat(
    Array.from({ length: n }, (_, i) => others.le(rows.at(0, i)).cast(rows.dtype).sum(1)),
    0,
  );
  // The k-th smallest is the least of those that at least k elements do not exceed.
  const smallest = (k: number) => where(ranks.ge(k), rows, Number.POSITIVE_INFINITY).min(0);
  return smallest(Math.floor((n + 1) / 2))
    .add(smallest(Math.ceil((n + 1) / 2)))
    .mul(0.5);
}
