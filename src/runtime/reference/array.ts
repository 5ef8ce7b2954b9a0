import type { ComputeName, OpAttrs } from '../../tensor/attrs.ts';
import { type DType, isFloat } from '../../tensor/dtype.ts';
import type { Aval } from '../../tensor/infer.ts';
import { type Shape, sizeOf, stridesOf } from '../../tensor/shape.ts';
import type { Buffer, TypedArray } from '../engine.ts';

/** Numbers with a shape, row-major. Floats of either type are float64 and are never rounded to float32. */
export type NdArray = Buffer;

/** What one op does to numbers. `node` tells the shape and dtype of the result. Inputs must not be written; the result may share them. */
export type Rule<K extends ComputeName> = (inputs: readonly NdArray[], attrs: OpAttrs[K], node: Aval) => NdArray;

/** The rules of a family of ops. */
export type Rules<K extends ComputeName> = { readonly [P in K]: Rule<P> };

/** Zero-filled numbers of a dtype in the reference's storage. */
export function storage(dtype: DType, length: number): TypedArray {
  if (isFloat(dtype)) return new Float64Array(length);
  return dtype === 'int32' ? new Int32Array(length) : new Uint8Array(length);
}

export const zeros = ({ shape, dtype }: Aval): NdArray => ({
  shape,
  dtype,
  data: storage(dtype, sizeOf(shape)),
});

/** Element i of the result is `value(i)`. */
export function generate(aval: Aval, value: (i: number) => number): NdArray {
  const result = zeros(aval);
  for (let i = 0; i < result.data.length; i++) result.data[i] = value(i);
  return result;
}

/** start + sum(index[axis] * strides[axis]) for every index of `shape`, row-major. Strides may be 0 or negative. */
export function offsets(shape: Shape, strides: readonly number[], start = 0): Int32Array {
  let found = Int32Array.of(start);
  for (let axis = 0; axis < shape.length; axis++) {
    const wider = new Int32Array(found.length * shape[axis]);
    let at = 0;
    for (const base of found) for (let i = 0; i < shape[axis]; i++) wider[at++] = base + i * strides[axis];
    found = wider;
  }
  return found;
}

/** The elements at the given offsets, under a new shape. */
export function pick(x: NdArray, shape: Shape, at: Int32Array): NdArray {
  return generate({ shape, dtype: x.dtype }, (i) => x.data[at[i]]);
}

/** NumPy broadcasting: an axis of size 1, or one that is missing in front, repeats. */
export function broadcast(x: NdArray, shape: Shape): NdArray {
  if (sizeOf(shape) === x.data.length) return { shape, dtype: x.dtype, data: x.data };
  const missing = shape.length - x.shape.length;
  const own = stridesOf(x.shape);
  const strides = shape.map((_, axis) => (axis < missing || x.shape[axis - missing] === 1 ? 0 : own[axis - missing]));
  return pick(x, shape, offsets(shape, strides));
}
