import type { Expr, FunctionBuilder, Local } from './assembler.ts';
import { across, advance, startsOfRows, times } from './row-loops.ts';

// How eigenproblems move rows of float64 about. Rows are of an even number of elements.

const bytes = 8;

/** Where row number index[0] begins; the index moves on. */
function chosenRow(f: FunctionBuilder, from: Local, row: Local, index: Local): Local {
  const { i32 } = f.m;
  const start = f.keep(f.types.i32, i32.add(f.get(from), i32.mul(i32.load(0, 4, f.get(index)), f.get(row))));
  f.add(index, 4);
  return start;
}

function copyRow(f: FunctionBuilder, from: Local, to: Local, pairs: Local): void {
  const { v128 } = f.m;
  const [source, target] = [from, to].map((at) => f.keep(f.types.i32, f.get(at)));
  times(f, pairs, () => {
    f.emit(v128.store(0, bytes, f.get(target), v128.load(0, bytes, f.get(source))));
    f.add(source, 16);
    f.add(target, 16);
  });
}

/** Copies rows of these numbers to rows that follow each other. */
export function gatherRows(f: FunctionBuilder, [from, row, index, to, toRow, count, pairs]: readonly Local[]): void {
  times(f, count, () => {
    copyRow(f, chosenRow(f, from, row, index), to, pairs);
    advance(f, to, toRow);
  });
}

/** Copies rows that follow each other to those of these numbers. */
export function scatterRows(f: FunctionBuilder, [from, row, index, to, toRow, count, pairs]: readonly Local[]): void {
  times(f, count, () => {
    copyRow(f, from, chosenRow(f, to, toRow, index), pairs);
    advance(f, from, row);
  });
}

/**
 * Copies the lower triangle of a square matrix, and what `reflectAndMultiply` wants of the upper one; answers the largest size of an element, or
 * NaN if one is not finite.
 */
export function copyTriangle(f: FunctionBuilder, [from, fromRow, count, a, row]: readonly Local[]): void {
  const { i32, f64, f64x2, v128 } = f.m;
  const vector = (value: Expr): Local => f.keep(f.types.v128, value);
  const zero = vector(f64x2.splat(f64.const(0)));
  const [largest, check] = [zero, zero].map((of) => vector(f.get(of)));
  const done = f.keep(f.types.i32, f.i32(1));
  const seen = (value: Local): void => {
    f.set(largest, f64x2.pmax(f.get(largest), f64x2.abs(f.get(value))));
    f.set(check, f64x2.add(f.get(check), f64x2.mul(f.get(value), f.get(zero))));
  };
  times(f, count, () => {
    const [source, target] = [from, a].map((at) => f.keep(f.types.i32, f.get(at)));
    f.repeatDynamic(f.keep(f.types.i32, i32.shr_u(f.get(done), f.i32(1))), () => {
      const value = vector(v128.load(0, bytes, f.get(source)));
      f.emit(v128.store(0, bytes, f.get(target), f.get(value)));
      seen(value);
      f.add(source, 16);
      f.add(target, 16);
    });
    f.ifElse(
      i32.and(f.get(done), f.i32(1)),
      () => {
        const value = vector(v128.load64_zero(0, bytes, f.get(source)));
        f.emit(v128.store(0, bytes, f.get(target), f.get(value)));
        seen(value);
      },
      () => {
        const before = i32.sub(f.get(target), f.get(row));
        f.emit(
          f64.store(
            0,
            bytes,
            i32.sub(before, f.i32(bytes)),
            f64.load(0, bytes, i32.sub(f.get(target), f.i32(2 * bytes))),
          ),
        );
      },
    );
    advance(f, from, fromRow);
    advance(f, a, row);
    f.add(done, 1);
  });
  const lane = (i: number): Expr => f64x2.extract_lane(f.get(largest), i);
  f.emit(f.m.return(f64.add(f64.max(lane(0), lane(1)), across(f, check))));
}

/** Makes the rows of these numbers columns, 2 `pairs` of that many elements, each with its largest element (the first of them) positive. */
export function writeColumns(f: FunctionBuilder, [rows, row, index, pairs, to, toRow]: readonly Local[]): void {
  const { i32, f64x2, v128, i8x16 } = f.m;
  times(f, pairs, () => {
    const both = [0, 1].map(() => {
      const at = chosenRow(f, rows, row, index);
      return { at, sign: f.keep(f.types.v128, f64x2.splat(signOfLargest(f, at, pairs))) };
    });
    const below = f.keep(f.types.i32, f.get(to));
    times(f, pairs, () => {
      const [one, other] = both.map(({ at, sign }) =>
        f.keep(f.types.v128, f64x2.mul(v128.load(0, bytes, f.get(at)), f.get(sign))),
      );
      const targets = startsOfRows(f, below, toRow, 2);
      targets.forEach((target, lane) => {
        const lanes = [lane, 2 + lane].flatMap((i) => Array.from({ length: bytes }, (_, k) => i * bytes + k));
        f.emit(v128.store(0, bytes, f.get(target), i8x16.shuffle(f.get(one), f.get(other), lanes)));
      });
      for (const { at } of both) f.add(at, 16);
    });
    f.set(to, i32.add(f.get(to), f.i32(16)));
  });
}

/** 1 or -1. Where elements of both signs are the largest, the first decides. */
function signOfLargest(f: FunctionBuilder, from: Local, pairs: Local): Expr {
  const { f64, f64x2, v128 } = f.m;
  const first = (): Local => f.keep(f.types.v128, f64x2.splat(f64.const(0)));
  const [largest, smallest] = [first(), first()];
  const at = f.keep(f.types.i32, f.get(from));
  times(f, pairs, () => {
    const value = f.keep(f.types.v128, v128.load(0, bytes, f.get(at)));
    f.set(largest, f64x2.pmax(f.get(largest), f.get(value)));
    f.set(smallest, f64x2.pmin(f.get(smallest), f.get(value)));
    f.add(at, 16);
  });
  const lane = (of: Local, i: number): Expr => f64x2.extract_lane(f.get(of), i);
  const up = f.keep(f.types.f64, f64.max(lane(largest, 0), lane(largest, 1)));
  const down = f.keep(f.types.f64, f64.neg(f64.min(lane(smallest, 0), lane(smallest, 1))));
  const sign = f.keep(f.types.f64, f64.sub(f.get(up), f.get(down)));
  f.if(f64.eq(f.get(up), f.get(down)), () => {
    f.set(at, f.get(from));
    f.forever((leave) => {
      f.set(sign, f64.load(0, bytes, f.get(at)));
      leave(f64.eq(f64.abs(f.get(sign)), f.get(up)));
      f.add(at, bytes);
    });
  });
  return f64.copysign(f64.const(1), f.get(sign));
}
