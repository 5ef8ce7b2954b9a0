import type { Tensor } from '../../tensor/tensor.ts';

/** A node that only renames part of its input's buffer. */
export const isView = (node: Tensor): boolean =>
  node.op === 'reshape' || (node.is('slice') && node.rank === 1 && node.attrs.strides[0] === 1);

/** The node below a chain of views. */
export function baseOf(node: Tensor): Tensor {
  let base = node;
  while (isView(base)) base = base.inputs[0];
  return base;
}
