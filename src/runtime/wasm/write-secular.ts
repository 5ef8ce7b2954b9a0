import type { Expr, FunctionBuilder, Local } from './assembler.ts';
import { across, advance, sum, times } from './row-loops.ts';

// What the eigenproblems of diag(poles) + rho z z' spend their time in, two float64 at a time.

const bytes = 8;

/**
 * Of weights[j] / gap(j), gap(j) = poles[j] - origin - x, the sums over the poles before number `split` and over the others, each with its
 * slope, and the sizes of all partial sums, for what rounding may have done. The gaps are written too. The largest terms come last.
 */
export function secularSums(
  f: FunctionBuilder,
  [poles, weights, gaps, count, split, to, origin, x]: readonly Local[],
): void {
  const { i32, v128, f64, f64x2 } = f.m;
  const [from, shift, one, zero] = [f.get(origin), f.get(x), f64.const(1), f64.const(0)].map((value) =>
    f.keep(f.types.v128, f64x2.splat(value)),
  );
  const partial = f.keep(f.types.v128, f.get(zero));
  /** Adds the terms of two poles, or of one. */
  const add = (offset: Local, [total, slope]: readonly Local[], sign: 'add' | 'sub', lanes: 1 | 2): void => {
    const at = (vector: Local): Expr => sum(f, vector, offset);
    const pole = lanes === 2 ? v128.load(0, bytes, at(poles)) : v128.load64_splat(0, bytes, at(poles));
    const weight = lanes === 2 ? v128.load(0, bytes, at(weights)) : v128.load64_zero(0, bytes, at(weights));
    const gap = f.keep(f.types.v128, f64x2.sub(f64x2.sub(pole, f.get(from)), f.get(shift)));
    f.emit(
      lanes === 2 ? v128.store(0, bytes, at(gaps), f.get(gap)) : v128.store64_lane(0, bytes, 0, at(gaps), f.get(gap)),
    );
    const inverse = f.keep(f.types.v128, f64x2.div(f.get(one), f.get(gap)));
    const term = f.keep(f.types.v128, f64x2.mul(weight, f.get(inverse)));
    f.set(total, f64x2.add(f.get(total), f.get(term)));
    f.set(partial, f64x2[sign](f.get(partial), f.get(total)));
    f.set(slope, f.module.multiplyAdd('f64x2', f.get(term), f.get(inverse), f.get(slope)));
  };
  const half = (first: Expr, number: Expr, direction: 1 | -1): Local[] => {
    const found = [0, 1].map(() => f.keep(f.types.v128, f.get(zero)));
    const offset = f.keep(f.types.i32, i32.shl(first, f.i32(3)));
    const left = f.keep(f.types.i32, number);
    const sign = direction === 1 ? 'sub' : 'add';
    f.if(i32.and(f.get(left), f.i32(1)), () => {
      add(offset, found, sign, 1);
      if (direction === 1) f.add(offset, bytes);
    });
    if (direction === -1) f.set(offset, i32.shl(i32.sub(f.get(count), i32.and(f.get(left), f.i32(1))), f.i32(3)));
    f.repeatDynamic(f.keep(f.types.i32, i32.shr_u(f.get(left), f.i32(1))), () => {
      if (direction === -1) f.add(offset, -2 * bytes);
      add(offset, found, sign, 2);
      if (direction === 1) f.add(offset, 2 * bytes);
    });
    return found;
  };
  const left = half(f.i32(0), f.get(split), 1);
  const right = half(i32.sub(f.get(count), f.i32(1)), i32.sub(f.get(count), f.get(split)), -1);
  [...left, ...right, partial].forEach((value, i) => {
    f.emit(f64.store(i * bytes, bytes, f.get(to), across(f, value)));
  });
}

/**
 * Multiplies exact[j] by gap / (poles[j] - poles[i]) for all rows i of gaps but its own, and by the own gap turned. All rows have an even
 * number of places.
 */
export function exactWeights(f: FunctionBuilder, [gaps, row, poles, exact, count]: readonly Local[]): void {
  const { i32, v128, f64, f64x2 } = f.m;
  const pairs = f.keep(f.types.i32, i32.shr_u(i32.add(f.get(count), f.i32(1)), f.i32(1)));
  const turned = f.keep(f.types.v128, f64x2.splat(f64.const(-1)));
  const zero = f.keep(f.types.v128, f64x2.splat(f64.const(0)));
  const own = f.keep(f.types.i32, f.get(poles));
  times(f, count, () => {
    const pole = f.keep(f.types.v128, v128.load64_splat(0, bytes, f.get(own)));
    const [atGap, atPole, at] = [gaps, poles, exact].map((vector) => f.keep(f.types.i32, f.get(vector)));
    times(f, pairs, () => {
      const apart = f.keep(f.types.v128, f64x2.sub(v128.load(0, bytes, f.get(atPole)), f.get(pole)));
      const divisor = v128.bitselect(f.get(turned), f.get(apart), f64x2.eq(f.get(apart), f.get(zero)));
      const ratio = f64x2.div(v128.load(0, bytes, f.get(atGap)), divisor);
      f.emit(v128.store(0, bytes, f.get(at), f64x2.mul(v128.load(0, bytes, f.get(at)), ratio)));
      for (const address of [atGap, atPole, at]) f.add(address, 16);
    });
    advance(f, gaps, row);
    f.add(own, bytes);
  });
}

/**
 * Makes each row of gaps the vector exact[j] / gap, of length 1 and with its components in another order; `one` is a row for the time
 * between.
 */
export function innerVectors(f: FunctionBuilder, [gaps, row, exact, order, one, count]: readonly Local[]): void {
  const { i32, v128, f64, f64x2 } = f.m;
  times(f, count, () => {
    const squares = f.keep(f.types.v128, f64x2.splat(f64.const(0)));
    const [atGap, atExact, at] = [gaps, exact, one].map((vector) => f.keep(f.types.i32, f.get(vector)));
    const divide = (exact: Expr, gap: Expr): void => {
      const value = f.keep(f.types.v128, f64x2.div(exact, gap));
      f.emit(v128.store(0, bytes, f.get(at), f.get(value)));
      f.set(squares, f.module.multiplyAdd('f64x2', f.get(value), f.get(value), f.get(squares)));
    };
    f.repeatDynamic(f.keep(f.types.i32, i32.shr_u(f.get(count), f.i32(1))), () => {
      divide(v128.load(0, bytes, f.get(atExact)), v128.load(0, bytes, f.get(atGap)));
      for (const address of [atGap, atExact, at]) f.add(address, 16);
    });
    f.if(i32.and(f.get(count), f.i32(1)), () => {
      divide(v128.load64_zero(0, bytes, f.get(atExact)), v128.load64_splat(0, bytes, f.get(atGap)));
    });
    const scale = f.keep(f.types.f64, f64.div(f64.const(1), f64.sqrt(across(f, squares))));
    const [to, from] = [gaps, order].map((vector) => f.keep(f.types.i32, f.get(vector)));
    times(f, count, () => {
      const place = i32.add(f.get(one), i32.shl(i32.load(0, 4, f.get(from)), f.i32(3)));
      f.emit(f64.store(0, bytes, f.get(to), f64.mul(f64.load(0, bytes, place), f.get(scale))));
      f.add(to, bytes);
      f.add(from, 4);
    });
    advance(f, gaps, row);
  });
}
