import { arange, concat, full, where } from './functions.ts';
import { softmaxJacobian } from './partials.ts';
import type { Tensor } from './tensor.ts';

// The ops `causalAttention` and `causalAttentionBackward` in terms of other ops.

/** Stands for minus infinity: its exponential is 0 in float32, and its differences stay finite. */
const masked = -1e9;

/**
 * softmax(q·kᵀ / sqrt(d)) over the keys at or before each query: q, k [..., T, d] -> weights [..., T, T].
 * Vaswani et al. 2017, arXiv:1706.03762, eq. 1.
 */
export function causalWeights(q: Tensor, k: Tensor): Tensor {
  const [steps, width] = q.shape.slice(-2);
  const scores = q.matmul(k, { transposeB: true }).mul(1 / Math.sqrt(width));
  const past = arange(steps).reshape([steps, 1]).ge(arange(steps));
  // Added, not chosen: the derivative of a sum needs no mask of its own, for that of softmax is 0 where the weight is.
  return scores.add(where(past, 0, full([], masked, scores.dtype))).softmax();
}

/** [..., T, parts * heads * d] -> for each part [..., heads, T, d]. */
export function headsOf(x: Tensor, parts: number, heads: number): Tensor[] {
  const [leading, [steps, width]] = [x.shape.slice(0, -2), x.shape.slice(-2)];
  const n = leading.length;
  const size = width / (parts * heads);
  return x
    .reshape([...leading, steps, parts, heads, size])
    .transpose([n + 1, ...leading.keys(), n + 2, n, n + 3])
    .split(parts, 0)
    .map((part) => part.reshape([...leading, heads, steps, size]));
}

/** What `headsOf` parts, joined again. */
export function joinHeads(parts: readonly Tensor[]): Tensor {
  const [{ shape }] = parts;
  const [leading, [heads, steps, size]] = [shape.slice(0, -3), shape.slice(-3)];
  const n = leading.length;
  return concat(
    parts.map((part) => part.reshape([1, ...shape])),
    0,
  )
    .transpose([...leading.map((_, axis) => axis + 1), n + 2, 0, n + 1, n + 3])
    .reshape([...leading, steps, parts.length * heads * size]);
}

export function expandCausalAttention(qkv: Tensor, heads: number): Tensor {
  const [q, k, v] = headsOf(qkv, 3, heads);
  return joinHeads([causalWeights(q, k).matmul(v)]);
}

export function expandCausalAttentionBackward(qkv: Tensor, dy: Tensor, heads: number): Tensor {
  const [q, k, v] = headsOf(qkv, 3, heads);
  const [mixed] = headsOf(dy, 1, heads);
  const weights = causalWeights(q, k);
  const ofWeights = mixed.matmul(v, { transposeB: true });
  const scores = softmaxJacobian(weights, ofWeights).mul(1 / Math.sqrt(q.shape[q.rank - 1]));
  return joinHeads([
    scores.matmul(k),
    scores.matmul(q, { transposeA: true }),
    weights.matmul(mixed, { transposeA: true }),
  ]);
}
