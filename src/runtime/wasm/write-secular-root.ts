import type { Expr, FunctionBuilder, Local } from './assembler.ts';
import { advance, sum, times } from './row-loops.ts';

const bytes = 8;
/** Convergence is quadratic; this bound only guards the loop. */
const maxIterations = 100;
/** Steps in a row that may fail to bring the function closer to 0 by a factor of 10: the two kinds of step can lead back and forth. */
const patience = 3;

/** All roots of a secular equation, and a row of gaps for each. */
export function secularRoots(
  f: FunctionBuilder,
  [poles, weights, gaps, row, count, sums, roots, rho]: readonly Local[],
): void {
  const { i32, f64 } = f.m;
  const i = f.keep(f.types.i32, f.i32(0));
  times(f, count, () => {
    const parameters = [i, poles, weights, gaps, count, sums, rho].map(f.get);
    f.emit(
      f64.store(
        0,
        bytes,
        sum(f, roots, f.keep(f.types.i32, i32.shl(f.get(i), f.i32(3)))),
        f.m.call('secularRoot', parameters, f.types.f64),
      ),
    );
    advance(f, gaps, row);
    f.add(i, 1);
  });
}

/**
 * Root number i, ascending, of a secular equation: it lies between pole i and the next, the last one less than rho sum_j weights[j] above
 * the last pole. gaps[j] becomes poles[j] - root to full relative accuracy, for the root is sought as its distance from the nearer
 * pole. Each step is to the root of a function with the two nearest poles and the same value and slope (R.-C. Li, Solving secular
 * equations stably and efficiently, LAPACK Working Note 89, 1993), or halves the interval if that leads out of it.
 */
export function secularRoot(f: FunctionBuilder, [i, poles, weights, gaps, count, sums, rho]: readonly Local[]): void {
  const { i32, f64 } = f.m;
  const { add, sub, mul, div, abs, lt, gt } = f64;
  const get = f.get;
  const number = (value: Expr): Local => f.keep(f.types.f64, value);
  const constant = (value: number): Expr => f64.const(value);
  const element = (vector: Local, index: Expr): Expr =>
    f64.load(0, bytes, i32.add(get(vector), i32.shl(index, f.i32(3))));
  const choose = (condition: Expr, yes: Expr, no: Expr): Expr => f.m.select(condition, yes, no);

  f.if(i32.eq(get(count), f.i32(1)), () => {
    const gap = number(f64.neg(mul(get(rho), f64.load(0, bytes, get(weights)))));
    f.emit(f64.store(0, bytes, get(gaps), get(gap)));
    f.emit(f.m.return(sub(f64.load(0, bytes, get(poles)), get(gap))));
  });
  const last = f.keep(f.types.i32, i32.eq(get(i), i32.sub(get(count), f.i32(1))));
  // The two poles that a step minds.
  const right = f.keep(f.types.i32, i32.add(get(i), i32.eqz(get(last))));
  const q = number(element(poles, get(right)));
  const p = number(element(poles, i32.sub(get(right), f.i32(1))));
  const inverse = number(div(constant(1), get(rho)));

  const [low, high] = [number(constant(0)), number(div(sub(get(q), get(p)), constant(2)))];
  const x = number(get(high));
  f.if(get(last), () => {
    f.set(high, constant(0));
    const at = f.keep(f.types.i32, get(weights));
    times(f, count, () => {
      f.set(high, add(get(high), mul(get(rho), f64.load(0, bytes, get(at)))));
      f.add(at, bytes);
    });
    f.set(x, div(get(high), constant(2)));
  });
  /** The root is sought as its distance from this pole. */
  const origin = number(element(poles, get(i)));
  const weight = number(element(weights, get(i)));
  const fromLeft = f.keep(f.types.i32, f.i32(1));
  const evaluate = (): void => {
    f.emit(f.m.call('secularSums', [poles, weights, gaps, count, right, sums, origin, x].map(get), f.types.none));
  };
  const found = (index: number): Expr => f64.load(index * bytes, bytes, get(sums));
  evaluate();
  const beyond = lt(add(add(get(inverse), found(0)), found(2)), constant(0));
  f.if(i32.and(i32.eqz(get(last)), beyond), () => {
    // The same point, seen from the other pole: sums and gaps are as they were.
    f.set(fromLeft, f.i32(0));
    f.set(origin, get(q));
    f.set(weight, element(weights, get(right)));
    f.set(low, f64.neg(get(high)));
    f.set(high, constant(0));
    f.set(x, get(low));
  });

  const before = number(constant(Number.POSITIVE_INFINITY));
  const [fixed, stalls, left] = [1, 0, maxIterations].map((value) => f.keep(f.types.i32, f.i32(value)));
  f.forever((leave) => {
    const value = number(add(add(get(inverse), found(0)), found(2)));
    const slope = number(add(found(1), found(3)));
    const size = number(abs(get(value)));
    // Each addition errs by so much of the sum so far.
    const sizes = add(found(4), mul(constant(8), sub(found(2), found(0))));
    const rounding = add(add(sizes, get(inverse)), mul(abs(get(x)), get(slope)));
    leave(i32.eqz(gt(get(size), mul(constant(Number.EPSILON), rounding))));
    f.ifElse(
      lt(get(value), constant(0)),
      () => f.set(low, get(x)),
      () => f.set(high, get(x)),
    );
    f.set(stalls, choose(gt(get(size), div(get(before), constant(10))), i32.add(get(stalls), f.i32(1)), f.i32(0)));
    f.set(fixed, i32.xor(get(fixed), i32.ne(get(stalls), f.i32(0))));
    f.set(before, get(size));

    const toP = number(sub(sub(get(p), get(origin)), get(x)));
    const toQ = number(sub(sub(get(q), get(origin)), get(x)));
    const apart = sub(get(q), get(p));
    // c + s / (toP - step) + t / (toQ - step) = 0, where s and t give each side its slope, or that of the origin is its own weight.
    const c = number(sub(sub(get(value), mul(get(toP), found(1))), mul(get(toQ), found(3))));
    f.if(i32.and(get(fixed), i32.eqz(get(last))), () => {
      const near = number(choose(get(fromLeft), get(toP), get(toQ)));
      const far = choose(get(fromLeft), get(toQ), get(toP));
      const change = number(mul(apart, div(get(weight), mul(get(near), get(near)))));
      f.set(c, add(sub(get(value), mul(far, get(slope))), choose(get(fromLeft), get(change), f64.neg(get(change)))));
    });
    const both = number(mul(get(toP), get(toQ)));
    const a = number(sub(mul(add(get(toP), get(toQ)), get(value)), mul(get(both), get(slope))));
    const b = number(mul(get(both), get(value)));
    const discriminant = sub(mul(get(a), get(a)), mul(mul(constant(4), get(b)), get(c)));
    const root = number(f64.sqrt(abs(discriminant)));
    // Of the two forms of the solution the one without cancellation; the last root lies on the other side.
    f.if(i32.eqz(get(last)), () => f.set(root, f64.neg(get(root))));
    const direct = f.keep(f.types.i32, choose(get(last), f64.ge(get(a), constant(0)), f64.le(get(a), constant(0))));
    const over = choose(get(direct), add(get(a), get(root)), mul(constant(2), get(b)));
    const under = choose(get(direct), mul(constant(2), get(c)), sub(get(a), get(root)));
    const next = number(add(get(x), div(over, under)));
    const outside = (): Expr => i32.eqz(i32.and(gt(get(next), get(low)), lt(get(next), get(high))));
    f.if(outside(), () => f.set(next, sub(get(x), div(get(value), get(slope)))));
    f.if(i32.or(i32.eq(get(stalls), f.i32(patience)), outside()), () => {
      halve(f, low, high, next);
      f.set(stalls, f.i32(0));
    });
    for (const same of [x, low, high]) leave(f64.eq(get(next), get(same)));
    f.set(x, get(next));
    evaluate();
    f.add(left, -1);
    leave(i32.eqz(get(left)));
  });
  f.emit(f.m.return(add(get(origin), get(x))));
}

/** The middle of an interval, on a logarithmic scale if neither end is 0. */
function halve(f: FunctionBuilder, low: Local, high: Local, middle: Local): void {
  const { f64 } = f.m;
  const root = (of: Local): Expr => f64.sqrt(f64.abs(f.get(of)));
  f.ifElse(
    f64.gt(f64.mul(f.get(low), f.get(high)), f64.const(0)),
    () => f.set(middle, f64.copysign(f64.mul(root(low), root(high)), f.get(low))),
    () => f.set(middle, f64.div(f64.add(f.get(low), f.get(high)), f64.const(2))),
  );
}
