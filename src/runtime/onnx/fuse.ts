import { isFloat } from '../../tensor/dtype.ts';
import { topological } from '../../tensor/graph.ts';
import { broadcastShapes, sameShape, sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** A product of two matrices, or a convolution, and what is added to it: one Gemm, one Conv. */
export interface AffineProduct {
  readonly product: Tensor<'matmul'> | Tensor<'conv2d'>;
  readonly bias: Tensor;
  /** Factors of the product and of the bias. */
  readonly alpha: number;
  readonly beta: number;
  /** What is computed along the way and has no value of its own. */
  readonly within: readonly Tensor[];
}

export const isMatrixProduct = (x: Tensor): x is Tensor<'matmul'> =>
  x.is('matmul') && x.inputs[0].rank === 2 && x.inputs[1].rank === 2;

/** Can a bias be added along with a product? Gemm repeats it as needed, Conv takes a number for each channel. */
function takesBias(product: Tensor, bias: Tensor): product is AffineProduct['product'] {
  const broadcast = broadcastShapes(bias.shape, product.shape);
  if (!broadcast || !sameShape(broadcast, product.shape)) return false;
  const [channels] = product.shape.slice(1);
  const perChannel = bias.rank >= 3 && bias.size === channels && bias.shape[bias.rank - 3] === channels;
  return isMatrixProduct(product) || (product.is('conv2d') && perChannel);
}

function affine(sum: Tensor<'add'>, uses: ReadonlyMap<Tensor, number>): AffineProduct | null {
  const [a, b] = sum.inputs;
  for (const [one, other] of [
    [a, b],
    [b, a],
  ]) {
    const { of: product, factor: alpha } = unscaled(one, uses);
    const alone = uses.get(one) === 1 && uses.get(product) === 1 && sameShape(product.shape, sum.shape);
    if (!alone || !takesBias(product, other)) continue;
    if (!isMatrixProduct(product)) {
      if (one === product) return { product, bias: other, alpha: 1, beta: 1, within: [product] };
      continue;
    }
    const { of: bias, factor: beta } = unscaled(other, uses);
    const within = [product, ...(one === product ? [] : [one]), ...(other === bias ? [] : [other])];
    return { product, bias, alpha, beta, within };
  }
  return null;
}

/** A float32 tensor without a constant factor that nothing else uses it with: Gemm has two such factors. One of 0 would hide a NaN. */
function unscaled(x: Tensor, uses: ReadonlyMap<Tensor, number>): { readonly of: Tensor; readonly factor: number } {
  const whole = { of: x, factor: 1 };
  if (!x.is('mul') || x.dtype !== 'float32' || uses.get(x) !== 1 || meanOf(x)) return whole;
  const [of, scale] = x.inputs;
  if (!scale.is('constant') || scale.size !== 1 || !sameShape(of.shape, x.shape)) return whole;
  const factor = Math.fround(scale.attrs.values[0]);
  return factor !== 0 && Number.isFinite(factor) ? { of, factor } : whole;
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

/** Sums that Gemm and Conv compute along with the product, when nothing else uses the product. */
export function affineProducts(outputs: readonly Tensor[]): ReadonlyMap<Tensor, AffineProduct> {
  const order = topological(outputs);
  const uses = useCounts(order, outputs);
  const found = new Map<Tensor, AffineProduct>();
  const taken = new Set<Tensor>();
  for (const node of order) {
    const fused = node.is('add') ? affine(node, uses) : null;
    if (!fused || fused.within.some((part) => taken.has(part))) continue;
    found.set(node, fused);
    for (const part of fused.within) taken.add(part);
  }
  return found;
}
