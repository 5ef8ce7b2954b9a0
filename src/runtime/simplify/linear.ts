import { isFloat } from '../../tensor/dtype.ts';
import { sameShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { fill, type Make, type Rule, type Rules, reshape } from './rule.ts';

/** The factor in the shape that a sum over `axes` leaves of x; null where it varies along one of them. */
function afterSum(factor: Tensor, x: Tensor, { axes, keepDims }: Tensor<'sum'>['attrs'], make: Make): Tensor | null {
  const aligned = [...new Array<number>(x.rank - factor.rank).fill(1), ...factor.shape];
  if (axes.some((axis) => aligned[axis] !== 1)) return null;
  return reshape(make, factor, keepDims ? aligned : aligned.filter((_, axis) => !axes.includes(axis)));
}

/**
 * A sum of negatives is the negative of the sum, and a factor common to all terms stands before it. In the gradient of a
 * normalization several sums become one that way, and whole tensors need not be written to be summed.
 */
const sum: Rule<'sum'> = (node, make) => {
  const [x] = node.inputs;
  if (!isFloat(node.dtype)) return null;
  if (x.is('neg')) return make('neg', [make('sum', x.inputs, node.attrs)], {});
  if (!x.is('mul')) return null;
  const [a, b] = x.inputs;
  for (const [terms, factor] of [
    [a, b],
    [b, a],
  ]) {
    const common = sameShape(terms.shape, x.shape) ? afterSum(factor, x, node.attrs, make) : null;
    if (common) return make('mul', [make('sum', [terms], node.attrs), common], {});
  }
  return null;
};

/** c x + c x is (2 c) x, and exactly so, where c is the smaller factor. */
const add: Rule<'add'> = (node, make) => {
  const [product, same] = node.inputs;
  if (product !== same || !product.is('mul') || !isFloat(node.dtype)) return null;
  const [c, x] = [...product.inputs].sort((a, b) => a.size - b.size);
  if (c.size === x.size) return null;
  return make('mul', [x, make('mul', [c, fill(make, 2, [], node.dtype)], {})], {});
};

/** What follows from linearity. Sums are rounded elsewhere than in the graph as given. */
export const linear: Rules = { sum, add };
