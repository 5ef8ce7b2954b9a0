import type { Expr, FunctionBuilder, Local } from './assembler.ts';
import { addOuterProducts } from './outer-products.ts';
import type { Matrix } from './panels.ts';
import { heightOf } from './tile.ts';

/** Known when the code is written, or only when it runs: then it is a multiple of `tallest` and of `unroll`. */
export type Count = number | Local;

const tallest = 6;
const unroll = 4;
/** Bytes of a row of a panel: two vectors. */
const panelRow = 32;

/** to = a b, or to += a b, of float32. Columns of b, and of `to`, come in panels of two vectors. */
interface Product {
  readonly a: Matrix;
  readonly b: Matrix;
  /** Bytes from a panel of b to the next. */
  readonly panelStep: number;
  readonly to: Local;
  readonly toRow: number;
  readonly rows: Count;
  readonly panels: number;
  readonly depth: Count;
  readonly adds: boolean;
}

/** `count / each` times, however the count is known. */
export function times(f: FunctionBuilder, count: Count, each: number, body: () => void): void {
  if (typeof count === 'number') f.repeat(Math.floor(count / each), body);
  else f.repeatDynamic(f.keep(f.types.i32, f.m.i32.div_u(f.get(count), f.i32(each))), body);
}

/** A small product whose operands stay where they are. */
export function multiplyPanels(
  f: FunctionBuilder,
  { a, b, panelStep, to, toRow, rows, panels, depth, adds }: Product,
): void {
  const { v128 } = f.m;
  const { i32 } = f.types;
  const right = f.keep(i32, f.get(b.at));
  const column = f.keep(i32, f.get(to));
  f.repeat(panels, () => {
    const left = f.keep(i32, f.get(a.at));
    const into = f.keep(i32, f.get(column));
    const tile = (height: number): void => {
      const totals = Array.from({ length: 2 * height }, (_, i) => {
        const old = (): Expr => v128.load((i >> 1) * toRow + 16 * (i & 1), 16, f.get(into));
        return f.keep(f.types.v128, adds ? old() : v128.const(new Uint8Array(16)));
      });
      const sums = { height, vectors: 2, totals };
      if (typeof depth === 'number') addOuterProducts(f, 4, { ...a, at: left }, { ...b, at: right }, sums, depth);
      else {
        const [x, y] = [left, right].map((pointer) => f.keep(i32, f.get(pointer)));
        times(f, depth, unroll, () => {
          addOuterProducts(f, 4, { ...a, at: x }, { ...b, at: y }, sums, unroll);
          f.add(x, unroll * a.columnStep);
          f.add(y, unroll * b.rowStep);
        });
      }
      totals.forEach((total, i) => {
        f.emit(v128.store((i >> 1) * toRow + 16 * (i & 1), 16, f.get(into), f.get(total)));
      });
      f.add(left, height * a.rowStep);
      f.add(into, height * toRow);
    };
    const height = typeof rows === 'number' ? heightOf(rows) : tallest;
    times(f, rows, height, () => tile(height));
    if (typeof rows === 'number' && rows % height > 0) tile(rows % height);
    f.add(right, panelStep);
    f.add(column, panelRow);
  });
}
