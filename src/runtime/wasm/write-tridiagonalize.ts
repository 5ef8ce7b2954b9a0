import type { Expr, FunctionBuilder, Local } from './assembler.ts';
import { across, sum } from './row-loops.ts';

const bytes = 8;

/**
 * Reduces the lower triangle of `a`, of `count` rows, to Q' a Q = tridiagonal, Q = H(n-1) ... H(1), H(i) = I - weights[i] u u' with u left in
 * row i of `a`, left of the diagonal (all else becomes zero; no reflection where the weight is 0). beside[i] couples i and i + 1. What H(i)
 * does to the rows above is left to the pass over them that multiplies them by the next u. All vectors are zeros at first, of a number of
 * elements that is a multiple of 4.
 */
export function tridiagonalize(
  f: FunctionBuilder,
  [a, row, count, u, p, next, y, diagonal, beside, weights]: readonly Local[],
): void {
  const { i32, f64, v128, f64x2 } = f.m;
  const get = f.get;
  const integer = (value: Expr): Local => f.keep(f.types.i32, value);
  const number = (value: Expr): Local => f.keep(f.types.f64, value);
  const vector = (value: Expr): Local => f.keep(f.types.v128, value);
  const zeros = (): Local => vector(f64x2.splat(f64.const(0)));
  const load = (at: Local): Expr => v128.load(0, bytes, get(at));
  const madd = (x: Expr, y: Expr, z: Expr): Expr => f.module.multiplyAdd('f64x2', x, y, z);
  /** Goes through vectors two elements at a time. */
  const along = (pairs: Local, starts: readonly Local[], body: (...at: readonly Local[]) => void): void => {
    const at = starts.map((start) => integer(get(start)));
    f.repeatDynamic(integer(get(pairs)), () => {
      body(...at);
      for (const address of at) f.add(address, 16);
    });
  };
  const element = (of: Local, offset: Local): Local => integer(sum(f, of, offset));

  const pending = integer(f.i32(0));
  const i = integer(get(count));
  const own = integer(i32.add(get(a), i32.mul(get(row), get(count))));
  f.forever((done) => {
    f.add(i, -1);
    f.set(own, i32.sub(get(own), get(row)));
    const offset = integer(i32.shl(get(i), f.i32(3)));
    /** Of the row with its diagonal, and without. */
    const whole = integer(i32.shr_u(i32.add(get(i), f.i32(2)), f.i32(1)));
    const pairs = integer(i32.shr_u(i32.add(get(i), f.i32(1)), f.i32(1)));
    const [ui, pi] = [u, p].map((of) => element(of, offset));
    f.if(get(pending), () => {
      const [minusU, minusP] = [ui, pi].map((at) => vector(f64x2.neg(v128.load64_splat(0, bytes, get(at)))));
      along(whole, [own, u, p], (x, uk, pk) => {
        f.emit(v128.store(0, bytes, get(x), madd(get(minusP), load(uk), madd(get(minusU), load(pk), load(x)))));
      });
    });
    for (const at of [ui, pi]) f.emit(f64.store(0, bytes, get(at), f64.const(0)));
    const end = element(own, offset);
    f.emit(f64.store(0, bytes, get(element(diagonal, offset)), f64.load(0, bytes, get(end))));
    f.emit(f64.store(0, bytes, get(end), f64.const(0)));
    // The only element of the upper triangle that there is.
    f.if(i32.eqz(i32.and(get(i), f.i32(1))), () => f.emit(f64.store(bytes, bytes, get(end), f64.const(0))));
    done(i32.eqz(get(i)));

    const coupling = integer(i32.sub(sum(f, beside, offset), f.i32(bytes)));
    const last = integer(i32.sub(get(end), f.i32(bytes)));
    const edge = number(f64.load(0, bytes, get(last)));
    f.emit(f64.store(0, bytes, get(last), f64.const(0)));
    const sizes = zeros();
    along(pairs, [own], (x) => f.set(sizes, f64x2.add(get(sizes), f64x2.abs(load(x)))));
    const scale = number(across(f, sizes));
    const reflects = integer(f64.ne(get(scale), f64.const(0)));
    const weight = number(f64.const(0));
    f.ifElse(
      get(reflects),
      () => {
        f.set(scale, f64.add(get(scale), f64.abs(get(edge))));
        f.emit(f64.store(0, bytes, get(last), get(edge)));
        const [divisor, squares] = [vector(f64x2.splat(get(scale))), zeros()];
        along(pairs, [own, next], (x, to) => {
          const value = vector(f64x2.div(load(x), get(divisor)));
          for (const at of [x, to]) f.emit(v128.store(0, bytes, get(at), get(value)));
          f.set(squares, madd(get(value), get(value), get(squares)));
        });
        const square = number(across(f, squares));
        const tail = number(f64.load(0, bytes, get(last)));
        const g = number(f64.copysign(f64.sqrt(get(square)), f64.neg(get(tail))));
        f.emit(f64.store(0, bytes, get(coupling), f64.mul(get(scale), get(g))));
        f.set(weight, f64.div(f64.const(1), f64.sub(get(square), f64.mul(get(tail), get(g)))));
        f.set(tail, f64.sub(get(tail), get(g)));
        f.emit(f64.store(0, bytes, get(last), get(tail)));
        f.emit(f64.store(0, bytes, i32.sub(sum(f, next, offset), f.i32(bytes)), get(tail)));
        f.emit(f64.store(0, bytes, get(element(weights, offset)), get(weight)));
      },
      () => {
        f.emit(f64.store(0, bytes, get(coupling), get(edge)));
        along(pairs, [next], (to) => f.emit(v128.store(0, bytes, get(to), f64x2.splat(f64.const(0)))));
      },
    );
    f.if(i32.or(get(reflects), get(pending)), () => {
      f.emit(f.m.call('reflectAndMultiply', [a, row, pairs, u, p, next, y].map(get), f.types.none));
      f.set(pending, get(reflects));
      const [factor, dots] = [vector(f64x2.splat(get(weight))), zeros()];
      along(pairs, [next, y, u, p], (from, product, uk, pk) => {
        const [value, scaled] = [vector(load(from)), vector(f64x2.mul(load(product), get(factor)))];
        f.emit(v128.store(0, bytes, get(uk), get(value)));
        f.emit(v128.store(0, bytes, get(pk), get(scaled)));
        f.set(dots, madd(get(value), get(scaled), get(dots)));
      });
      const half = f64.div(f64.mul(across(f, dots), get(weight)), f64.const(-2));
      const minus = vector(f64x2.splat(half));
      along(pairs, [u, p], (uk, pk) => f.emit(v128.store(0, bytes, get(pk), madd(get(minus), load(uk), load(pk)))));
    });
  });
}
