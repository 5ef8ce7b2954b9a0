import type { Expr, FunctionBuilder, Local } from './assembler.ts';
import type { Tiling } from './tile.ts';

// Parts of matrices, copied so that the innermost loop of a product finds what it needs in one row of memory.

/** A matrix of panels or of memory: where it begins, and bytes from one row (or column) to the next. */
export interface Matrix {
  readonly at: Local;
  readonly rowStep: number;
  readonly columnStep: number;
}

/** Copies rows of a tile by tile: each step of k has its elements side by side. */
export function packLeft(
  f: FunctionBuilder,
  { height }: Tiling,
  bytes: number,
  a: Matrix,
  panel: Local,
  rows: number,
  depth: number,
): void {
  const row = f.keep(f.types.i32, f.get(a.at));
  const to = f.keep(f.types.i32, f.get(panel));
  const tile = (count: number): void => {
    const from = f.keep(f.types.i32, f.get(row));
    f.repeat(depth, () => {
      copyRun(f, bytes, from, a.rowStep, to, count);
      f.add(from, a.columnStep);
      f.add(to, count * bytes);
    });
    f.add(row, count * a.rowStep);
  };
  f.repeat(Math.floor(rows / height), () => tile(height));
  if (rows % height > 0) tile(rows % height);
}

/** Copies `count` elements that lie `step` bytes apart. */
function copyRun(f: FunctionBuilder, bytes: number, from: Local, step: number, to: Local, count: number): void {
  const { m } = f;
  let i = 0;
  if (step === bytes) {
    for (; (count - i) * bytes >= 16; i += 16 / bytes) {
      f.emit(m.v128.store(i * bytes, bytes, f.get(to), m.v128.load(i * bytes, bytes, f.get(from))));
    }
  }
  const type = bytes === 4 ? m.f32 : m.f64;
  for (; i < count; i++) f.emit(type.store(i * bytes, bytes, f.get(to), type.load(i * step, bytes, f.get(from))));
}

/** Copies `columns` of b into panels a tile wide, one behind another; lanes beyond the last column become zero. */
export function packRight(
  f: FunctionBuilder,
  { width }: Tiling,
  bytes: number,
  b: Matrix,
  panel: Local,
  columns: number,
  depth: number,
): void {
  const { m } = f;
  const lanes = 16 / bytes;
  const source = f.keep(f.types.i32, f.get(b.at));
  const to = f.keep(f.types.i32, f.get(panel));
  // A last, narrower panel has shorter rows.
  const rest = f.keep(f.types.i32, f.get(panel));
  const last = Math.ceil((columns % width) / lanes) * 16;
  const full = Math.floor(columns / width);
  f.repeat(depth, () => {
    for (let first = 0; first < columns; first += lanes) {
      const nth = Math.floor(first / width);
      const whole = b.columnStep === bytes && first + lanes <= columns;
      const row = whole
        ? m.v128.load(first * bytes, bytes, f.get(source))
        : gathered(f, bytes, source, first, Math.min(lanes, columns - first), b.columnStep);
      const offset = nth * depth * width * bytes + (first - nth * width) * bytes;
      f.emit(m.v128.store(offset, 16, f.get(nth < full ? to : rest), row));
    }
    f.add(source, b.rowStep);
    f.add(to, width * bytes);
    f.add(rest, last);
  });
}

/** `count` elements from number `first` on, `step` bytes apart, in the lanes of a vector; the others are zero. */
export function gathered(
  f: FunctionBuilder,
  bytes: number,
  from: Local,
  first: number,
  count: number,
  step: number,
): Expr {
  const { v128 } = f.m;
  const at = (lane: number): number => (first + lane) * step;
  let row = bytes === 4 ? v128.load32_zero(at(0), 4, f.get(from)) : v128.load64_zero(at(0), 8, f.get(from));
  for (let lane = 1; lane < count; lane++) {
    row =
      bytes === 4
        ? v128.load32_lane(at(lane), 4, lane, f.get(from), row)
        : v128.load64_lane(at(lane), 8, lane, f.get(from), row);
  }
  return row;
}
