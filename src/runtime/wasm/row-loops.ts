import type { Expr, FunctionBuilder, Local } from './assembler.ts';

// What kernels over the rows of matrices are written with.

/** Writes a loop that leaves `count` as it is. */
export function times(f: FunctionBuilder, count: Local, body: () => void): void {
  f.repeatDynamic(f.keep(f.types.i32, f.get(count)), body);
}

export const sum = (f: FunctionBuilder, a: Local, b: Local): Expr => f.m.i32.add(f.get(a), f.get(b));

/** Adds one local to another. */
export const advance = (f: FunctionBuilder, a: Local, b: Local): void => f.set(a, sum(f, a, b));

/** Where the next rows begin; `from` moves on behind them. */
export const startsOfRows = (f: FunctionBuilder, from: Local, row: Local, count: number): Local[] =>
  Array.from({ length: count }, () => {
    const start = f.keep(f.types.i32, f.get(from));
    advance(f, from, row);
    return start;
  });

/** Both lanes of a vector of float64, added. */
export const across = (f: FunctionBuilder, vector: Local): Expr => {
  const { f64, f64x2 } = f.m;
  return f64.add(f64x2.extract_lane(f.get(vector), 0), f64x2.extract_lane(f.get(vector), 1));
};
