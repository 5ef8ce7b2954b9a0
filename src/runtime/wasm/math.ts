import type { Expr, FunctionBuilder, Local, ModuleBuilder } from './assembler.ts';

/**
 * float32 functions, four lanes at a time and without branches; relative error of a few 1e-7 or less, special values as in IEEE 754.
 * The polynomial and the range reduction of the logarithm are those of S. L. Moshier's Cephes library, single precision
 * (netlib.org/cephes, logf.c); the other coefficients are minimax fits whose numbers were rounded to float32 one after another.
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
  /** x between two numbers; NaN stays NaN, for comparing with it is false. */
  clamp = (x: Expr, low: number, high: number): Expr =>
    this.m.f32x4.pmax(this.m.f32x4.pmin(x, this.c(high)), this.c(low));
  of = (name: VectorMath, x: Expr): Expr => write[name](this, this.keep(x));
  madd = (a: Expr, b: Expr, c: Expr): Expr => this.f.module.multiplyAdd('f32x4', a, b, c);
  /** Horner's rule, highest power first. */
  horner = (x: Local, coefficients: readonly number[]): Expr =>
    coefficients.slice(1).reduce((sum, c) => this.madd(sum, this.get(x), this.c(c)), this.c(coefficients[0]));
  /** The integer in the low bits of `x`, moved to where a float32 has its exponent. */
  toExponent = (x: Local): Expr => this.m.i32x4.shl(this.get(x), this.f.i32(23));
}

const ln2High = 0.693359375;
const ln2Low = -2.1219444e-4;

/** (exp(r) - 1 - r) / r^2 for |r| <= ln 2 / 2, to 4e-9 of exp(r). */
const expPolynomial = [
  1.3814597623422742e-3, 8.368716575205326e-3, 4.166838899254799e-2, 0.1666652113199234, 0.4999999403953552,
];

/** 1.5 * 2^23: added to a small number, it leaves the nearest integer in the low bits. */
const shifter = 12582912;

/**
 * x = n ln 2 + r with |r| <= ln 2 / 2. The low bits of `shifted` hold n + bias; with `sign` -1, that is for -x, and r is -r.
 */
function reduceExponent(v: V, x: Local, bias: number, sign: 1 | -1 = 1): { shifted: Local; r: Local } {
  const { get, c } = v;
  const shifted = v.keep(v.madd(get(x), c(sign * Math.LOG2E), c(shifter + bias)));
  const k = v.keep(v.sub(get(shifted), c(shifter + bias)));
  const r = v.madd(get(k), c(-sign * ln2Low), v.madd(get(k), c(-sign * ln2High), get(x)));
  return { shifted, r: v.keep(r) };
}

/** x P(x^2) / Q(x^2) for an odd function that is 1 to float32 accuracy where x^2 >= cut; beyond, x itself drives it to the bounds. */
function oddRational(v: V, x: Local, cut: number, p: readonly number[], q: readonly number[]): Expr {
  const { m, get, c } = v;
  const s = v.keep(m.f32x4.pmin(v.mul(get(x), get(x)), c(cut)));
  return v.clamp(v.div(v.mul(get(x), v.horner(s, p)), v.horner(s, q)), -1, 1);
}

const write: Record<VectorMath, (v: V, x: Local) => Expr> = {
  exp: (v, x) => {
    const { m, get } = v;
    const cut = v.keep(v.clamp(get(x), -104, 100)); // where float32 has under- or overflowed
    const { shifted, r } = reduceExponent(v, cut, 127 + 64);
    // 2^n = 2^-64 * 2^h * 2^(n + 64 - h) with h = (n + 191) >> 1: the result may be subnormal or overflow, no factor does. The first is in
    // the polynomial, the second is added to its exponent, the third is made of bits.
    const scaled = [...expPolynomial, 1, 1].map((a) => a * 2 ** -64);
    const h = v.keep(m.v128.and(m.i32x4.shl(get(shifted), v.f.i32(22)), v.i(-0x800000)));
    const first = m.i32x4.add(v.horner(r, scaled), get(h));
    // A product that is too small for a float32 takes a hundred cycles, 0 times the third factor takes none: masked weights of attention.
    const nothing = m.f32x4.lt(get(x), v.c(-104));
    return v.mul(m.v128.andnot(first, nothing), m.i32x4.sub(v.toExponent(shifted), get(h)));
  },

  expm1: (v, x) => {
    const { get, c } = v;
    const cut = v.keep(v.clamp(get(x), -25, 89)); // below, the result is -1
    const { shifted, r } = reduceExponent(v, cut, 126);
    const half = v.keep(v.toExponent(shifted)); // 2^(n - 1), for 2^128 would be infinite
    const small = v.madd(v.mul(get(r), get(r)), v.horner(r, expPolynomial), get(r));
    const halved = v.keep(v.madd(get(half), small, v.sub(get(half), c(0.5))));
    return v.add(get(halved), get(halved));
  },

  log: (v, x) => {
    const { m, get, c } = v;
    const subnormal = v.keep(m.f32x4.lt(get(x), c(1.17549435e-38)));
    const scaled = v.keep(v.select(get(subnormal), v.mul(get(x), c(8388608)), get(x)));
    // mantissa * 2^e with a mantissa from sqrt(1/2) to sqrt(2)
    const whole = v.keep(m.i32x4.shr_s(m.i32x4.sub(get(scaled), v.i(0x3f3504f3)), v.f.i32(23)));
    const y = v.keep(v.sub(m.i32x4.sub(get(scaled), v.toExponent(whole)), c(1)));
    const e = v.keep(v.sub(m.f32x4.convert_i32x4_s(get(whole)), m.v128.and(get(subnormal), c(23))));
    const z = v.keep(v.mul(get(y), get(y)));
    const polynomial = v.horner(
      y,
      [
        7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
        2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
      ],
    );
    const low = v.madd(v.mul(polynomial, get(y)), get(z), v.mul(get(e), c(ln2Low)));
    const tail = v.madd(get(z), c(-0.5), low);
    const finite = v.madd(get(e), c(ln2High), v.add(get(y), tail));
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

  tanh: (v, x) =>
    oddRational(
      v,
      x,
      81,
      [1.3420537570141278e-8, 2.066192428173963e-5, 3.499042708426714e-3, 0.13384021818637848, 1],
      [7.805065251886845e-7, 3.2911100424826145e-4, 2.5890391319990158e-2, 0.46717342734336853, 1],
    ),

  sigmoid: (v, x) => {
    const { m, get, c } = v;
    const cut = v.keep(v.clamp(get(x), -89, 30)); // beyond, exp(-x) is infinite or nothing beside 1
    const { shifted, r } = reduceExponent(v, cut, -1, -1);
    const polynomial = [...expPolynomial, 1, 1].map((a, i) => (i % 2 === 0 ? a : -a));
    const half = m.i32x4.add(v.horner(r, polynomial), v.toExponent(shifted)); // exp(-x) / 2, for 2^128 has no exponent
    return v.div(c(1), v.madd(half, c(2), c(1)));
  },

  erf: (v, x) =>
    oddRational(
      v,
      x,
      3.8 ** 2,
      [
        2.1511332306545228e-6, 2.8650645981542766e-4, 3.6148037761449814e-3, 5.2309900522232056e-2, 0.18624283373355865,
        1.1283791065216064,
      ],
      [3.921438838005997e-5, 1.1350417044013739e-3, 1.4666722156107426e-2, 0.11248921602964401, 0.4983863830566406, 1],
    ),
};
