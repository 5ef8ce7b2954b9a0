import type { OpName } from '../../tensor/attrs.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { fill, type Make } from './rule.ts';

/** Ops that answer zeros where they sum over nothing. */
const sums: ReadonlySet<OpName> = new Set([
  'sum',
  'matmul',
  'scatterAdd',
  'segmentSum',
  'conv2d',
  'conv2dInputGrad',
  'conv2dKernelGrad',
]);

/** Tensors without elements become constants, and ops over them what remains, so that no engine need think of them. */
export function withoutEmptiness(node: Tensor, make: Make): Tensor | null {
  const { shape, dtype } = node;
  if (node.size === 0) return node.op === 'constant' ? null : make('constant', [], { values: [], shape, dtype });
  const rest = node.inputs.filter((input) => input.size > 0);
  if (rest.length === node.inputs.length) return null;
  if (node.is('pad')) return fill(make, node.attrs.value, shape, dtype);
  if (node.is('concat')) return make('concat', rest, node.attrs);
  // The variance of nothing.
  if (node.is('inverseStd')) return fill(make, Number.NaN, shape, dtype);
  return sums.has(node.op) ? fill(make, 0, shape, dtype) : null;
}
