import type { FunctionBuilder, Local } from './assembler.ts';
import type { Matrix } from './panels.ts';

/** The sums of a tile, in registers: `height` rows of `vectors` vectors. */
export interface Tile {
  readonly height: number;
  readonly vectors: number;
  readonly totals: readonly Local[];
}

/** Adds `depth` outer products, of a column of `a` and a row of `b` each, to a tile. Rows of `b` are contiguous, their lanes all there. */
export function addOuterProducts(
  f: FunctionBuilder,
  bytes: number,
  a: Matrix,
  b: Matrix,
  tile: Tile,
  depth: number,
): void {
  const { m } = f;
  const { height, vectors, totals } = tile;
  const left = f.keep(f.types.i32, f.get(a.at));
  const right = f.keep(f.types.i32, f.get(b.at));
  const step = (i: number): void => {
    const columnsOfB = Array.from({ length: vectors }, (_, v) =>
      f.keep(f.types.v128, m.v128.load(i * b.rowStep + 16 * v, bytes, f.get(right))),
    );
    for (let r = 0; r < height; r++) {
      const at = i * a.columnStep + r * a.rowStep;
      const element = bytes === 4 ? m.v128.load32_splat(at, 4, f.get(left)) : m.v128.load64_splat(at, 8, f.get(left));
      const splat = f.keep(f.types.v128, element);
      columnsOfB.forEach((column, v) => {
        const total = totals[r * vectors + v];
        const type = bytes === 4 ? 'f32x4' : 'f64x2';
        f.set(total, f.module.multiplyAdd(type, f.get(splat), f.get(column), f.get(total)));
      });
    }
  };
  const unroll = Math.min(4, depth);
  f.repeat(Math.floor(depth / unroll), () => {
    for (let i = 0; i < unroll; i++) step(i);
    f.add(left, unroll * a.columnStep);
    f.add(right, unroll * b.rowStep);
  });
  for (let i = 0; i < depth % unroll; i++) step(i);
}
