import { topological } from '../../tensor/graph.ts';
import { broadcastShapes, sameShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** A product of two matrices and what is added to it: one Gemm. */
export interface AffineProduct {
  readonly product: Tensor<'matmul'>;
  readonly bias: Tensor;
}

const isMatrixProduct = (x: Tensor): x is Tensor<'matmul'> =>
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

/** Sums that Gemm computes along with the product, when nothing else uses the product. */
export function affineProducts(outputs: readonly Tensor[]): ReadonlyMap<Tensor, AffineProduct> {
  const uses = new Map<Tensor, number>();
  const count = (node: Tensor): void => void uses.set(node, (uses.get(node) ?? 0) + 1);
  const order = topological(outputs);
  for (const node of order) node.inputs.forEach(count);
  outputs.forEach(count);

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
