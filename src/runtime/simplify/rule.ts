import type { OpAttrs, OpName } from '../../tensor/attrs.ts';
import type { DType } from '../../tensor/dtype.ts';
import { type Shape, sameShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** Records an op in its simplest form. */
export type Make = <K extends OpName>(op: K, inputs: readonly Tensor[], attrs: OpAttrs[K]) => Tensor;

/** A simpler tensor equal to the node, or null. Inputs of the node are simple already. */
export type Rule<K extends OpName> = (node: Tensor<K>, make: Make) => Tensor | null;

export type Rules = { readonly [K in OpName]?: Rule<K> };

export const reshape = (make: Make, x: Tensor, shape: Shape): Tensor =>
  sameShape(x.shape, shape) ? x : make('reshape', [x], { shape });

export const broadcastTo = (make: Make, x: Tensor, shape: Shape): Tensor =>
  sameShape(x.shape, shape) ? x : make('broadcastTo', [x], { shape });

/** One number everywhere. */
export const fill = (make: Make, value: number, shape: Shape, dtype: DType): Tensor =>
  broadcastTo(make, make('constant', [], { values: [value], shape: [], dtype }), shape);

/** The number that every element is known to be, or null. */
export function uniform(x: Tensor): number | null {
  if (x.is('broadcastTo')) return uniform(x.inputs[0]);
  return x.is('constant') && x.size === 1 ? x.attrs.values[0] : null;
}

/** Can a tensor of this type hold the number without rounding or wrapping? Float constants are held as they are written. */
export function holds(dtype: DType, value: number): boolean {
  switch (dtype) {
    case 'float32':
    case 'float64':
      return true;
    case 'int32':
      return (value | 0) === value;
    case 'uint8':
      return (value & 255) === value;
    case 'bool':
      return value === 0 || value === 1;
  }
}
