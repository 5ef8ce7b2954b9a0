import type { Expr, FunctionBuilder, Local } from './assembler.ts';
import { sum } from './row-loops.ts';

const bytes = 8;
/** QL takes one or two iterations for each eigenvalue of a finite matrix; this bound only guards the loop. */
const maxIterations = 100;
/** Far below the rounding of any matrix that `symmetricEigen` scales, and far above the numbers that have lost their digits. */
const negligible = 1e-290;

/**
 * Turns a tridiagonal matrix of `count` rows, diagonal d and beside it e, diagonal by rotations, which also turn the rows of `v`: that many
 * columns of them, or one more where the number is odd (EISPACK's TQL2). Of e the element after the last is used up too.
 */
export function implicitQl(f: FunctionBuilder, [d, e, count, v, row]: readonly Local[]): void {
  const { i32, f64 } = f.m;
  const { add, sub, mul, div, abs } = f64;
  const get = f.get;
  const integer = (value: Expr): Local => f.keep(f.types.i32, value);
  const number = (value: Expr): Local => f.keep(f.types.f64, value);
  const load = (at: Local, offset = 0): Expr => f64.load(offset, bytes, get(at));
  const store = (at: Local, value: Expr, offset = 0): void => f.emit(f64.store(offset, bytes, get(at), value));
  const hypot = (a: Expr, b: Expr): Expr => f.m.call('hypot', [a, b], f.types.f64);
  const [one, zero] = [1, 0].map((value) => (): Expr => f64.const(value));

  const pairs = integer(i32.shr_u(i32.add(get(count), f.i32(1)), f.i32(1)));
  const end = integer(i32.shl(i32.sub(get(count), f.i32(1)), f.i32(3)));
  // Indices count bytes.
  const l = integer(f.i32(0));
  const at = (vector: Local, index: Local): Local => integer(sum(f, vector, index));
  f.forever((done) => {
    done(i32.gt_s(get(l), get(end)));
    const [dl, el, left] = [at(d, l), at(e, l), integer(f.i32(maxIterations))];
    f.forever((found) => {
      const [dm, em, m] = [integer(get(dl)), integer(get(el)), integer(get(l))];
      f.forever((coupled) => {
        coupled(i32.ge_s(get(m), get(end)));
        const sizes = add(abs(load(dm)), abs(load(dm, bytes)));
        const small = add(mul(f64.const(Number.EPSILON), sizes), f64.const(negligible));
        coupled(i32.eqz(f64.gt(abs(load(em)), small)));
        for (const index of [dm, em, m]) f.add(index, bytes);
      });
      found(i32.eq(get(m), get(l)));
      found(i32.eqz(get(left)));
      f.add(left, -1);
      const slope = number(div(sub(load(dl, bytes), load(dl)), mul(f64.const(2), load(el))));
      const length = f64.copysign(hypot(get(slope), one()), get(slope));
      const g = number(add(sub(load(dm), load(dl)), div(load(el), add(get(slope), length)))); // Wilkinson's shift
      const [s, c, p] = [one(), one(), zero()].map(number);
      const [di, ei] = [integer(get(dm)), integer(get(em))];
      const upper = integer(i32.add(get(v), i32.mul(i32.shr_u(get(m), f.i32(3)), get(row))));
      const whole = integer(f.i32(1));
      f.forever((leave) => {
        leave(i32.eq(get(di), get(dl)));
        for (const index of [di, ei]) f.add(index, -bytes);
        const b = number(mul(get(c), load(ei)));
        const sine = number(mul(get(s), load(ei)));
        const r = number(hypot(get(sine), get(g)));
        store(ei, get(r), bytes);
        f.set(whole, f64.ne(get(r), zero()));
        f.if(i32.eqz(get(whole)), () => store(di, sub(load(di, bytes), get(p)), bytes));
        leave(i32.eqz(get(whole)));
        f.set(s, div(get(sine), get(r)));
        f.set(c, div(get(g), get(r)));
        f.set(g, sub(load(di, bytes), get(p)));
        const t = number(add(mul(sub(load(di), get(g)), get(s)), mul(mul(f64.const(2), get(c)), get(b))));
        f.set(p, mul(get(s), get(t)));
        store(di, add(get(g), get(p)), bytes);
        f.set(g, sub(mul(get(c), get(t)), get(b)));
        const lower = integer(get(upper));
        f.set(upper, i32.sub(get(upper), get(row)));
        rotateRows(f, [upper, lower, pairs, c, s]);
      });
      store(em, zero());
      f.if(get(whole), () => {
        store(dl, sub(load(dl), get(p)));
        store(el, get(g));
      });
    });
    f.add(l, bytes);
  });
}

/** Turns two rows in their plane: the first becomes c first - s second, the second s first + c second. */
export function rotateRows(f: FunctionBuilder, [first, second, pairs, c, s]: readonly Local[]): void {
  const { v128, f64x2 } = f.m;
  const [cosine, sine] = [c, s].map((value) => f.keep(f.types.v128, f64x2.splat(f.get(value))));
  const [one, two] = [first, second].map((row) => f.keep(f.types.i32, f.get(row)));
  f.repeatDynamic(f.keep(f.types.i32, f.get(pairs)), () => {
    const [a, b] = [one, two].map((at) => f.keep(f.types.v128, v128.load(0, bytes, f.get(at))));
    const product = (factor: Local, of: Local): Expr => f64x2.mul(f.get(factor), f.get(of));
    f.emit(v128.store(0, bytes, f.get(two), f64x2.add(product(sine, a), product(cosine, b))));
    f.emit(v128.store(0, bytes, f.get(one), f64x2.sub(product(cosine, a), product(sine, b))));
    f.add(one, 16);
    f.add(two, 16);
  });
}

/** The length of (a, b), also where the squares would lose digits. */
export function hypot(f: FunctionBuilder, [a, b]: readonly Local[]): void {
  const { i32, f64 } = f.m;
  const square = (value: Local): Expr => f64.mul(f.get(value), f.get(value));
  const squares = f.keep(f.types.f64, f64.add(square(a), square(b)));
  const within = i32.and(f64.gt(f.get(squares), f64.const(1e-280)), f64.lt(f.get(squares), f64.const(1e300)));
  f.if(within, () => f.emit(f.m.return(f64.sqrt(f.get(squares)))));
  const [x, y] = [a, b].map((value) => f.keep(f.types.f64, f64.abs(f.get(value))));
  const large = f.keep(f.types.f64, f64.max(f.get(x), f.get(y)));
  f.if(f64.eq(f.get(large), f64.const(0)), () => f.emit(f.m.return(f64.const(0))));
  const ratio = f.keep(f.types.f64, f64.div(f64.min(f.get(x), f.get(y)), f.get(large)));
  f.emit(f.m.return(f64.mul(f.get(large), f64.sqrt(f64.add(f64.const(1), square(ratio))))));
}
