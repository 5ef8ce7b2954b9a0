import { bytesPerElement, type DType } from '../../tensor/dtype.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { MatmulValue } from './ir.ts';

/** Vectors of one row of the register tile: with six rows, 12 accumulators, 2 vectors of b and 1 element of a fill the 15 registers that V8 gives. */
const tileVectors = 2;
export const lanesOf = (dtype: DType): number => 16 / bytesPerElement[dtype];

/** How a matrix product is cut into tiles of registers and blocks of caches. */
export interface Tiling {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Axes before the matrices. */
  readonly rank: number;
  /** Rows and columns of a register tile. */
  readonly height: number;
  readonly width: number;
  /** Rows and columns of a block, of which only one is less than the whole; the last block may be smaller. */
  readonly rows: number;
  readonly columns: number;
  /** Steps of k that are multiplied at a time. */
  readonly depth: number;
  /** Columns of b that are packed at a time: whole cache lines. */
  readonly group: number;
  /** Is `a` copied to a panel first? */
  readonly packsLeft: boolean;
  /** Blocks of all products: what can be computed apart. */
  readonly blocks: number;
}

/** Steps of k for which a panel of b and a tile's rows of a stay in the first cache. */
const deepest = 512;
/** Elements of a that stay in the second cache. */
const largestLeft = 128 * 1024;

/** `parts`: into how many blocks the product should fall, if its size allows. */
export function tilingOf({ a, shape, dtype }: MatmulValue, parts = 1): Tiling {
  const rank = shape.length - 2;
  const [m, n, k] = [shape[rank], shape[rank + 1], a.shape[rank + 1]];
  const width = tileVectors * lanesOf(dtype);
  const height = heightOf(m);
  const depth = Math.ceil(k / Math.ceil(k / deepest));
  const group = Math.min(8, Math.ceil(n / width)) * width;
  const batch = sizeOf(shape.slice(0, rank));
  const wanted = Math.ceil(parts / batch);
  const cut = (size: number, unit: number, most: number): number =>
    Math.min(size, Math.max(1, Math.floor(most / unit)) * unit);
  const upright = wanted < 2 || m >= n || m >= 32 * wanted;
  // Every block of rows packs b anew: 48 rows hide that.
  const rows = upright ? cut(m, height, Math.min(largestLeft / depth, Math.max(48, m / wanted + height))) : m;
  const columns = upright ? n : cut(n, width, n / wanted + width);
  const contiguous = a.strides[rank + 1] === 1;
  const packsLeft = n >= 4 * width && m * k > (contiguous ? 1 << 16 : 1 << 12);
  const blocks = batch * Math.ceil(m / rows) * Math.ceil(n / columns);
  return { m, n, k, rank, height, width, rows, columns, depth, group, packsLeft, blocks };
}

/** Rows of a tile, so that few remain. */
export function heightOf(m: number): number {
  if (m < 6) return m;
  return [6, 5, 4].find((rows) => m % rows === 0) ?? (m < 12 ? 4 : 6);
}

/** Bytes for the panels of one thread. */
export function panelBytes(value: MatmulValue, { group, depth, rows, packsLeft }: Tiling): number {
  const elements = depth * group + (packsLeft ? rows * depth : 0);
  return Math.ceil((elements * bytesPerElement[value.dtype]) / 64) * 64;
}
