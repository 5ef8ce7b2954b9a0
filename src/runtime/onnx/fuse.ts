import { isFloat } from '../../tensor/dtype.ts';
import { topological } from '../../tensor/graph.ts';
import { broadcastShapes, sameShape, sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** A product of two matrices and what is added to it: one Gemm. */
export interface AffineProduct {
  readonly product: Tensor<'matmul'>;
  readonly bias: Tensor;
}

export const isMatrixProduct = (x: Tensor): x is Tensor<'matmul'> =>
  x.is('matmul') && x.inputs[0].rank === 2 && x.inputs[1].rank === 2;

function affine(sum: Tensor<'add'>, uses: ReadonlyMap<Tensor, number>): AffineProduct | null {
  const [a, b] = sum.inputs;
  for (const [product, bias] of [
    [a, b],
    [b, a],
  ]) {
    if (!isMatrixProduct(product) || uses.get(product) !== 1 || !sameShape(product.shape, sum.shape)) continue;
    const broadcast = broadcastShapes(bias.shape, product.shape);
    if (broadcast && sameShape(broadcast, product.shape)) return { product, bias };
  }
  return null;
}

/** A sum divided by the number of its terms: the sum, when one node computes the mean. */
function meanOf(node: Tensor): Tensor<'sum'> | null {
  const [sum, scale] = node.inputs;
  if (!sum?.is('sum') || !scale?.is('constant') || scale.size !== 1 || !isRowSum(sum)) return null;
  const { axes } = sum.attrs;
  const count = sizeOf(axes.map((axis) => sum.inputs[0].shape[axis]));
  const [factor] = scale.attrs.values;
  const divides = (node.is('mul') && factor === 1 / count) || (node.is('div') && factor === count);
  return divides && sameShape(node.shape, sum.shape) ? sum : null;
}

/** Over the last axis, a float; other sums have faster forms than ONNX Runtime's reductions. */
const isRowSum = ({ inputs: [x], attrs: { axes } }: Tensor<'sum'>): boolean =>
  isFloat(x.dtype) && axes.length === 1 && axes[0] === x.rank - 1 && x.rank > 1;

function useCounts(order: readonly Tensor[], outputs: readonly Tensor[]): ReadonlyMap<Tensor, number> {
  const uses = new Map<Tensor, number>();
  const count = (node: Tensor): void => void uses.set(node, (uses.get(node) ?? 0) + 1);
  for (const node of order) node.inputs.forEach(count);
  outputs.forEach(count);
  return uses;
}

/** Means over rows, when nothing else uses their sums. */
export function rowMeans(outputs: readonly Tensor[]): ReadonlyMap<Tensor, Tensor<'sum'>> {
  const order = topological(outputs);
  const uses = useCounts(order, outputs);
  const found = new Map<Tensor, Tensor<'sum'>>();
  for (const node of order) {
    const sum = meanOf(node);
    if (sum && uses.get(sum) === 1) found.set(node, sum);
  }
  return found;
}

/** Products of at most so many rows take most of their time to pack the other factor. */
const fewRows = 64;
/** Uses from which a transposed copy pays. */
const manyUses = 4;

/**
 * Matrices that many products of few rows read transposed (the hidden weights of a recurrence): Gemm packs them anew for each, and
 * takes 135 microseconds for [20, 200] by [800, 200] transposed, 100 by [200, 800].
 */
export function matricesToTurn(outputs: readonly Tensor[]): ReadonlySet<Tensor> {
  const uses = new Map<Tensor, number>();
  for (const node of topological(outputs)) {
    if (!isMatrixProduct(node) || !node.attrs.transposeB || node.shape[0] > fewRows) continue;
    const [, b] = node.inputs;
    uses.set(b, (uses.get(b) ?? 0) + 1);
  }
  return new Set([...uses].filter(([, count]) => count >= manyUses).map(([b]) => b));
}

/** Sums that Gemm computes along with the product, when nothing else uses the product. */
export function affineProducts(outputs: readonly Tensor[]): ReadonlyMap<Tensor, AffineProduct> {
  const order = topological(outputs);
  const uses = useCounts(order, outputs);
  const found = new Map<Tensor, AffineProduct>();
  const taken = new Set<Tensor>();
  for (const node of order) {
    const fused = node.is('add') ? affine(node, uses) : null;
    if (!fused || taken.has(fused.product)) continue;
    found.set(node, fused);
    taken.add(fused.product);
  }
  return found;
}
