import type { Expr, FunctionBuilder, Local, ModuleBuilder } from './assembler.ts';

/**
 * float32 functions, four lanes at a time. Polynomials and range reductions of S. L. Moshier's Cephes library, single precision
 * (netlib.org/cephes, expf.c, logf.c, ndtrf.c); relative error of a few 1e-7 or less, special values as in IEEE 754.
 */
export type VectorMath = 'exp' | 'expm1' | 'log' | 'log1p' | 'tanh' | 'sigmoid' | 'erf';

/** One element through the vector form, so that loops and their tails agree to the last bit. Called: tails are rare. */
export const callVector = (module: ModuleBuilder, name: VectorMath, x: Expr): Expr =>
  module.callShared(
    `f32x4.${name}`,
    () =>
      module.define(`f32x4.${name}`, [module.api.v128], module.api.v128, (f, p) => f.emit(inlineVector(f, name, p))),
    [x],
    module.api.v128,
  );

/** The function of four lanes, written where it is used: its constants then stay in registers across iterations. */
export const inlineVector = (f: FunctionBuilder, name: VectorMath, x: Local): Expr => write[name](new V(f), x);

/** Short names for what the polynomials need. */
class V {
  readonly f: FunctionBuilder;
  constructor(f: FunctionBuilder) {
    this.f = f;
  }
  get m() {
    return this.f.m;
  }
  get = (x: Local): Expr => this.f.get(x);
  keep = (value: Expr): Local => this.f.keep(this.f.types.v128, value);
  c = (value: number): Expr => this.f.splatted('f32', value);
  i = (value: number): Expr => this.f.splatted('i32', value);
  add = (a: Expr, b: Expr): Expr => this.m.f32x4.add(a, b);
  sub = (a: Expr, b: Expr): Expr => this.m.f32x4.sub(a, b);
  mul = (a: Expr, b: Expr): Expr => this.m.f32x4.mul(a, b);
  div = (a: Expr, b: Expr): Expr => this.m.f32x4.div(a, b);
  select = (mask: Expr, yes: Expr, no: Expr): Expr => this.m.v128.bitselect(yes, no, mask);
  of = (name: VectorMath, x: Expr): Expr => write[name](this, this.keep(x));
  madd = (a: Expr, b: Expr, c: Expr): Expr => this.f.module.multiplyAdd('f32x4', a, b, c);
  /** Horner's rule, highest power first. */
  horner = (x: Local, coefficients: readonly number[]): Expr =>
    coefficients.slice(1).reduce((sum, c) => this.madd(sum, this.get(x), this.c(c)), this.c(coefficients[0]));
  /** 2^n for each int32 lane, |n| <= 126. */
  exp2 = (n: Expr): Expr => this.m.i32x4.shl(this.m.i32x4.add(n, this.i(127)), this.f.i32(23));
}

const expPolynomial = [
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
];
const ln2High = 0.693359375;
const ln2Low = -2.1219444e-4;

/** 1.5 * 2^23: added to a small number, it leaves the nearest integer in the low bits. */
const shifter = 12582912;

/** n and r of x = n ln 2 + r, |r| <= ln 2 / 2, for x cut to where float32 has not yet over- or underflowed. */
function reduceExponent(v: V, x: Local): { n: Local; r: Local } {
  const { m, get, c } = v;
  const cut = v.keep(m.f32x4.pmax(m.f32x4.pmin(get(x), c(100)), c(-104))); // in this order of operands they keep NaN
  const shifted = v.keep(v.add(v.mul(get(cut), c(Math.LOG2E)), c(shifter)));
  const k = v.keep(v.sub(get(shifted), c(shifter)));
  const r = v.keep(v.sub(v.sub(get(cut), v.mul(get(k), c(ln2High))), v.mul(get(k), c(ln2Low))));
  return { n: v.keep(m.i32x4.sub(get(shifted), c(shifter))), r };
}

/** exp(r) - 1 for |r| <= ln 2 / 2. */
const smallExpm1 = (v: V, r: Local): Expr => v.madd(v.mul(v.get(r), v.get(r)), v.horner(r, expPolynomial), v.get(r));

/** exp(x) - 1 for x up to 40. */
function boundedExpm1(v: V, x: Local): Expr {
  const { m, get } = v;
  const { n, r } = reduceExponent(v, x);
  const scale = v.keep(v.exp2(m.i32x4.min_s(m.i32x4.max_s(get(n), v.i(-100)), v.i(100))));
  return v.madd(get(scale), smallExpm1(v, r), v.sub(get(scale), v.c(1)));
}

const write: Record<VectorMath, (v: V, x: Local) => Expr> = {
  exp: (v, x) => {
    const { m, get } = v;
    const { n, r } = reduceExponent(v, x);
    // 2^n in two steps, so that the result may be subnormal or overflow to infinity.
    const half = v.keep(m.i32x4.shr_s(get(n), v.f.i32(1)));
    const rest = m.i32x4.sub(get(n), get(half));
    return v.mul(v.mul(v.add(smallExpm1(v, r), v.c(1)), v.exp2(get(half))), v.exp2(rest));
  },

  expm1: (v, x) => v.select(v.m.f32x4.gt(v.get(x), v.c(40)), v.of('exp', v.get(x)), boundedExpm1(v, x)),

  log: (v, x) => {
    const { m, get, c } = v;
    const subnormal = v.keep(m.f32x4.lt(get(x), c(1.17549435e-38)));
    const scaled = v.keep(v.select(get(subnormal), v.mul(get(x), c(8388608)), get(x)));
    const exponent = m.i32x4.sub(
      m.i32x4.shr_u(get(scaled), v.f.i32(23)),
      v.select(get(subnormal), v.i(126 + 23), v.i(126)),
    );
    const e0 = v.keep(m.f32x4.convert_i32x4_s(exponent));
    const mantissa = v.keep(m.v128.or(m.v128.and(get(scaled), v.i(0x007fffff)), v.i(0x3f000000)));
    const low = v.keep(m.f32x4.lt(get(mantissa), c(Math.SQRT1_2)));
    const e = v.keep(v.sub(get(e0), m.v128.and(get(low), c(1))));
    const y = v.keep(v.sub(v.add(get(mantissa), m.v128.and(get(low), get(mantissa))), c(1)));
    const z = v.keep(v.mul(get(y), get(y)));
    const polynomial = v.horner(
      y,
      [
        7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
        2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
      ],
    );
    const tail = v.sub(
      v.add(v.mul(v.mul(polynomial, get(y)), get(z)), v.mul(get(e), c(ln2Low))),
      v.mul(get(z), c(0.5)),
    );
    const finite = v.add(v.add(get(y), tail), v.mul(get(e), c(ln2High)));
    const infinite = v.select(m.f32x4.eq(get(x), c(Infinity)), c(Infinity), finite);
    const zero = v.select(m.f32x4.eq(get(x), c(0)), c(-Infinity), infinite);
    return v.select(m.f32x4.ge(get(x), c(0)), zero, c(NaN)); // false for NaN too
  },

  // log(u) x / (u - 1) with u = 1 + x rounded: the rounding errors cancel (W. Kahan; Goldberg 1991, theorem 4).
  log1p: (v, x) => {
    const { m, get, c } = v;
    const u = v.keep(v.add(get(x), c(1)));
    const log = v.keep(v.of('log', get(u)));
    const corrected = v.mul(get(log), v.div(get(x), v.sub(get(u), c(1))));
    const plain = m.f32x4.eq(get(u), c(Infinity));
    return v.select(m.f32x4.eq(get(u), c(1)), get(x), v.select(plain, get(log), corrected));
  },

  tanh: (v, x) => {
    const { m, get, c } = v;
    const doubled = v.keep(m.f32x4.pmin(v.mul(m.f32x4.abs(get(x)), c(2)), c(40)));
    const e = v.keep(boundedExpm1(v, doubled));
    const size = v.div(get(e), v.add(get(e), c(2)));
    return m.v128.or(size, m.v128.and(get(x), v.i(-0x80000000)));
  },

  sigmoid: (v, x) => v.div(v.c(1), v.add(v.c(1), v.of('exp', v.m.f32x4.neg(v.get(x))))),

  erf: (v, x) => {
    const { m, get, c } = v;
    const a = v.keep(m.f32x4.abs(get(x)));
    const z = v.keep(v.mul(get(x), get(x)));
    const inner = v.mul(
      get(x),
      v.horner(
        z,
        [
          7.853861353153693e-5, -8.010193625184903e-4, 5.188327685732524e-3, -2.685381193529856e-2,
          1.128358514861418e-1, -3.7612625824233e-1, 1.12837916572671,
        ],
      ),
    );
    const q = v.keep(v.div(c(1), get(a)));
    const y = v.keep(v.mul(get(q), get(q)));
    const near = v.keep(
      v.horner(
        y,
        [
          2.326819970068386e-2, -1.387039388740657e-1, 3.687424674597105e-1, -5.824733027278666e-1,
          6.210004621745983e-1, -4.944515323274145e-1, 3.404879937665872e-1, -2.741127028184656e-1,
          5.638259427386472e-1,
        ],
      ),
    );
    const far = v.keep(
      v.horner(
        y,
        [
          -1.047766399936249e1, 1.297719955372516e1, -7.495518717768503, 2.921019019210786, -1.0152652792027,
          4.218463358204948e-1, -2.820767439740514e-1, 5.641895067754075e-1,
        ],
      ),
    );
    const p = v.select(m.f32x4.lt(get(a), c(2)), get(near), get(far));
    const complement = v.mul(v.mul(v.of('exp', m.f32x4.neg(get(z))), get(q)), p);
    const outer = m.v128.or(v.sub(c(1), complement), m.v128.and(get(x), v.i(-0x80000000)));
    return v.select(m.f32x4.gt(get(a), c(1)), outer, inner);
  },
};
