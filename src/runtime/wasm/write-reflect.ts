import type { Expr, FunctionBuilder, Local } from './assembler.ts';
import { across, startsOfRows, sum, times } from './row-loops.ts';

const bytes = 8;

/** Two rows at a time: an element off the diagonal block serves its own row of y and, mirrored, its column's. */
export function reflectAndMultiply(f: FunctionBuilder, [a, row, pairs, u, p, x, y]: readonly Local[]): void {
  const { i32, v128, f64, f64x2 } = f.m;
  const keep = (value: Expr): Local => f.keep(f.types.v128, value);
  const madd = (b: Local, c: Local, d: Local): Expr => f.module.multiplyAdd('f64x2', f.get(b), f.get(c), f.get(d));
  const done = f.keep(f.types.i32, f.i32(0));
  times(f, pairs, () => {
    const rows = startsOfRows(f, a, row, 2);
    const first = f.keep(f.types.i32, i32.shl(f.get(done), f.i32(4)));
    /** An element of this row, in both lanes. */
    const element = (vector: Local, offset: number): Expr => v128.load64_splat(offset, bytes, sum(f, vector, first));
    const own = [0, bytes].map((offset) => ({
      u: keep(f64x2.neg(element(u, offset))),
      p: keep(f64x2.neg(element(p, offset))),
      x: keep(element(x, offset)),
      total: keep(f64x2.splat(f64.const(0))),
    }));
    const [atU, atP, atX, atY] = [u, p, x, y].map((vector) => f.keep(f.types.i32, f.get(vector)));
    const step = (mirrored: boolean): void => {
      const [uk, pk, xk] = [atU, atP, atX].map((vector) => keep(v128.load(0, bytes, f.get(vector))));
      const yk = mirrored ? keep(v128.load(0, bytes, f.get(atY))) : undefined;
      rows.forEach((address, r) => {
        const value = keep(v128.load(0, bytes, f.get(address)));
        f.set(value, madd(own[r].u, pk, value));
        f.set(value, madd(own[r].p, uk, value));
        f.emit(v128.store(0, bytes, f.get(address), f.get(value)));
        f.set(own[r].total, madd(value, xk, own[r].total));
        if (yk) f.set(yk, madd(value, own[r].x, yk));
      });
      if (yk) f.emit(v128.store(0, bytes, f.get(atY), f.get(yk)));
      for (const address of [...rows, atU, atP, atX, atY]) f.add(address, 16);
    };
    times(f, done, () => step(true));
    step(false);
    own.forEach(({ total }, r) => {
      f.emit(f64.store(r * bytes, bytes, sum(f, y, first), across(f, total)));
    });
    f.add(done, 1);
  });
}
