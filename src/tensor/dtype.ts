import { type Shape, sizeOf } from './shape.ts';

/** Element types. A graph is typed once, at trace time; the reference engine computes every float type in float64. */
export type DType = 'float32' | 'float64' | 'int32' | 'uint8' | 'bool';

export const dtypes: readonly DType[] = ['float32', 'float64', 'int32', 'uint8', 'bool'];

/** Bytes that one element takes in a native buffer (a bool takes one byte). */
export const bytesPerElement: Record<DType, number> = { float32: 4, float64: 8, int32: 4, uint8: 1, bool: 1 };

/** Bytes of a whole tensor. */
export const bytesOf = ({ shape, dtype }: { readonly shape: Shape; readonly dtype: DType }): number =>
  sizeOf(shape) * bytesPerElement[dtype];

export const isFloat = (dtype: DType): boolean => dtype === 'float32' || dtype === 'float64';
