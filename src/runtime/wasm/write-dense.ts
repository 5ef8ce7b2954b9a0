import type { FunctionBuilder, Local } from './assembler.ts';
import { addOuterProducts } from './outer-products.ts';
import { advance, startsOfRows, times } from './row-loops.ts';

/** Columns of the right side that a product takes together, and all sizes are rounded up to. */
export const tile = 4;
/** Rows of the left side: with 4 columns, 6 fill the 15 registers that V8 gives; 4, taken once or twice, make up any multiple of 4. */
export const heights = [6, 4] as const;
export type Height = (typeof heights)[number];
const bytes = 8;

/** Panels of `height` rows, whose elements alternate. */
export const packRows =
  (height: Height) =>
  (f: FunctionBuilder, [from, row, to, panels, depth]: readonly Local[]): void => {
    const { i32, v128, f64, i8x16 } = f.m;
    times(f, panels, () => {
      const rows = startsOfRows(f, from, row, height);
      f.repeatDynamic(f.keep(f.types.i32, i32.shr_u(f.get(depth), f.i32(1))), () => {
        for (let r = 0; r < height; r += 2) {
          const [one, next] = [r, r + 1].map((i) => f.keep(f.types.v128, v128.load(0, bytes, f.get(rows[i]))));
          for (const lane of [0, 1]) {
            const both = i8x16.shuffle(f.get(one), f.get(next), lanes(lane, 2 + lane));
            f.emit(v128.store((lane * height + r) * bytes, 16, f.get(to), both));
          }
        }
        for (const at of rows) f.add(at, 16);
        f.add(to, 2 * height * bytes);
      });
      f.if(i32.and(f.get(depth), f.i32(1)), () => {
        rows.forEach((at, r) => {
          f.emit(f64.store(r * bytes, bytes, f.get(to), f64.load(0, bytes, f.get(at))));
        });
        f.add(to, height * bytes);
      });
    });
  };

/** The bytes of two of the four numbers of two vectors. */
const lanes = (...numbers: readonly number[]): number[] =>
  numbers.flatMap((lane) => Array.from({ length: bytes }, (_, i) => lane * bytes + i));

/** Panels of `height` columns, row after row. */
export const packColumns =
  (height: Height) =>
  (f: FunctionBuilder, [from, row, to, panels, depth]: readonly Local[]): void => {
    const { v128 } = f.m;
    times(f, panels, () => {
      const at = f.keep(f.types.i32, f.get(from));
      times(f, depth, () => {
        for (let part = 0; part < height * bytes; part += 16) {
          f.emit(v128.store(part, 16, f.get(to), v128.load(part, bytes, f.get(at))));
        }
        advance(f, at, row);
        f.add(to, height * bytes);
      });
      f.add(from, height * bytes);
    });
  };

/** Adds a product of packed panels, those on the left of `height` rows, to what is at `to`. */
export const multiply =
  (height: Height) =>
  (f: FunctionBuilder, [left, right, to, row, down, across, depth]: readonly Local[]): void => {
    const { i32, v128 } = f.m;
    const panelBytes = f.keep(f.types.i32, i32.mul(f.get(depth), f.i32(tile * bytes)));
    const fours = f.keep(f.types.i32, i32.shr_u(f.get(depth), f.i32(2)));
    const rest = f.keep(f.types.i32, i32.and(f.get(depth), f.i32(3)));
    times(f, across, () => {
      const a = { at: f.keep(f.types.i32, f.get(left)), rowStep: bytes, columnStep: height * bytes };
      const result = f.keep(f.types.i32, f.get(to));
      times(f, down, () => {
        const rows = startsOfRows(f, result, row, height);
        const totals = rows.flatMap((at) =>
          [0, 16].map((half) => f.keep(f.types.v128, v128.load(half, bytes, f.get(at)))),
        );
        const b = { at: f.keep(f.types.i32, f.get(right)), rowStep: tile * bytes, columnStep: bytes };
        for (const [count, steps] of [[fours, 4] as const, [rest, 1] as const]) {
          times(f, count, () => {
            addOuterProducts(f, bytes, a, b, { height, vectors: 2, totals }, steps);
            f.add(a.at, steps * height * bytes);
            f.add(b.at, steps * tile * bytes);
          });
        }
        totals.forEach((total, i) => {
          f.emit(v128.store((i % 2) * 16, bytes, f.get(rows[i >> 1]), f.get(total)));
        });
      });
      advance(f, right, panelBytes);
      f.add(to, tile * bytes);
    });
  };
