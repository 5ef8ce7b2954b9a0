import { bytesPerElement, type DType } from '../../tensor/dtype.ts';
import type { MatmulValue } from './ir.ts';

/** Vectors of one row of the register tile: with four rows, 8 accumulators, 2 vectors of b and 1 element of a fit the 16 registers of x64. */
export const tileVectors = 2;
export const lanesOf = (dtype: DType): number => 16 / bytesPerElement[dtype];

/** Bytes for one panel of b: k rows of one tile's width. */
export const panelBytes = ({ a, dtype }: MatmulValue): number =>
  a.shape[a.shape.length - 1] * tileVectors * lanesOf(dtype) * bytesPerElement[dtype];
