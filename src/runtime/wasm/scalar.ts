import { bytesPerElement, type DType, isFloat } from '../../tensor/dtype.ts';
import { sigmoid } from '../reference/elementwise.ts';
import { erf } from '../reference/special.ts';
import type { Expr, FunctionBuilder, Local, WasmType } from './assembler.ts';
import { floatForm } from './float-forms.ts';
import type { PointwiseOp } from './ir.ts';
import type { Lanes, Operation, Register } from './lanes.ts';
import { callVector, type VectorMath } from './math.ts';

/** Functions of float64 that the host computes. */
export const hostMath: Record<string, (...x: number[]) => number> = {
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  pow: (base, exponent) => (base === 1 ? 1 : base ** exponent), // IEEE 754's, where JavaScript answers NaN for 1^NaN
  sigmoid,
  erf,
};

/** f64 function `name` of the host. */
export const callHost = (f: FunctionBuilder, name: string, args: readonly Expr[]): Expr =>
  f.module.host(
    name,
    args.map(() => f.types.f64),
    f.types.f64,
    args,
  );

export const vectorMath: readonly PointwiseOp[] = ['exp', 'expm1', 'log', 'log1p', 'tanh', 'sigmoid', 'erf'];

/** The wasm type of one element in a register. Integers and bools (0 or 1) are i32. */
export const scalarType = (f: FunctionBuilder, dtype: DType): WasmType =>
  isFloat(dtype) ? (dtype === 'float32' ? f.types.f32 : f.types.f64) : f.types.i32;

/** x^n for the constant exponents that need no logarithm, or null. */
export function knownPower(n: number | undefined, x: () => Expr, mul: (a: Expr, b: Expr) => Expr): Expr | null {
  if (n === 1) return x();
  if (n === 2) return mul(x(), x());
  if (n === 3) return mul(mul(x(), x()), x());
  return null;
}

/** One element at a time. */
export class ScalarLanes implements Lanes {
  readonly f: FunctionBuilder;
  constructor(f: FunctionBuilder) {
    this.f = f;
  }

  load(dtype: DType, pointer: Local, offset: number): Register {
    const { m } = this.f;
    const p = this.f.get(pointer);
    const bytes = bytesPerElement[dtype];
    if (dtype === 'float32') return this.keep(dtype, m.f32.load(offset, bytes, p));
    if (dtype === 'float64') return this.keep(dtype, m.f64.load(offset, bytes, p));
    return this.keep(dtype, bytes === 1 ? m.i32.load8_u(offset, 1, p) : m.i32.load(offset, 4, p));
  }

  store(dtype: DType, pointer: Local, offset: number, [x]: Register): void {
    const { m } = this.f;
    const p = this.f.get(pointer);
    const value = this.f.get(x);
    if (dtype === 'float32') this.f.emit(m.f32.store(offset, 4, p, value));
    else if (dtype === 'float64') this.f.emit(m.f64.store(offset, 8, p, value));
    else this.f.emit(dtype === 'int32' ? m.i32.store(offset, 4, p, value) : m.i32.store8(offset, 1, p, value));
  }

  constant(dtype: DType, value: number): Register {
    const { m } = this.f;
    if (dtype === 'float32') return this.keep(dtype, m.f32.const(value));
    if (dtype === 'float64') return this.keep(dtype, m.f64.const(value));
    return this.keep(dtype, this.f.i32(dtype === 'bool' ? Number(value !== 0) : value));
  }

  iota(dtype: DType, first: Local, plus: number): Register {
    const n = this.f.m.i32.add(this.f.get(first), this.f.i32(plus));
    return this.keep(dtype, dtype === 'int32' ? n : this.cast(n, 'int32', dtype));
  }

  apply({ op, to, from, constant }: Operation, operands: readonly Register[]): Register {
    const { m } = this.f;
    const [a, b, c] = operands.map(
      ([x]) =>
        () =>
          this.f.get(x),
    );
    if (op === 'copy' || op === 'segmentBroadcast') return operands[0];
    if (op === 'cast') return this.keep(to, this.cast(a(), from, to));
    if (op === 'where') return this.keep(to, m.select(a(), b(), c()));
    if (op === 'and') return this.keep(to, m.i32.and(a(), b()));
    if (op === 'or') return this.keep(to, m.i32.or(a(), b()));
    if (op === 'not') return this.keep(to, m.i32.eqz(a()));
    if (from === 'float32') return this.keep(to, this.single(op, a, b, constant));
    if (from === 'float64') return this.keep(to, this.double(op, a, b, constant));
    const result = this.integer(op, a, b);
    return this.keep(to, to === 'uint8' ? m.i32.and(result, this.f.i32(255)) : result);
  }

  private keep(dtype: DType, value: Expr): Register {
    return [this.f.keep(scalarType(this.f, dtype), value)];
  }

  private single(op: PointwiseOp, a: () => Expr, b: () => Expr, constant: number | undefined): Expr {
    const { m } = this.f;
    if (vectorMath.includes(op)) {
      return m.f32x4.extract_lane(callVector(this.f.module, op as VectorMath, m.f32x4.splat(a())), 0);
    }
    if (op === 'sin' || op === 'cos') return m.f32.demote(callHost(this.f, op, [m.f64.promote(a())]));
    if (op === 'pow') {
      const known = knownPower(constant, a, m.f32.mul);
      return known ?? m.f32.demote(callHost(this.f, 'pow', [m.f64.promote(a()), m.f64.promote(b())]));
    }
    return this.float(m.f32, op, a, b);
  }

  private double(op: PointwiseOp, a: () => Expr, b: () => Expr, constant: number | undefined): Expr {
    const { m } = this.f;
    if (op === 'pow') return knownPower(constant, a, m.f64.mul) ?? callHost(this.f, op, [a(), b()]);
    if (op in hostMath) return callHost(this.f, op, [a()]);
    return this.float(m.f64, op, a, b);
  }

  /** What f32 and f64 have in common. */
  private float(
    t: FunctionBuilder['m']['f32'] | FunctionBuilder['m']['f64'],
    op: PointwiseOp,
    a: () => Expr,
    b: () => Expr,
  ): Expr {
    const { select } = this.f.m;
    const c = (x: number) => t.const(x);
    if (op === 'sign') return select(t.gt(a(), c(0)), c(1), select(t.lt(a(), c(0)), c(-1), a()));
    return floatForm(t, () => c(0), op, a, b);
  }

  private integer(op: PointwiseOp, a: () => Expr, b: () => Expr): Expr {
    const { i32, select } = this.f.m;
    const zero = () => this.f.i32(0);
    switch (op) {
      case 'neg':
        return i32.sub(zero(), a());
      case 'abs':
        return select(i32.lt_s(a(), zero()), i32.sub(zero(), a()), a());
      case 'sign':
        return i32.sub(i32.gt_s(a(), zero()), i32.lt_s(a(), zero()));
      case 'add':
        return i32.add(a(), b());
      case 'sub':
        return i32.sub(a(), b());
      case 'mul':
        return i32.mul(a(), b());
      case 'maximum':
        return select(i32.gt_s(a(), b()), a(), b());
      case 'minimum':
        return select(i32.lt_s(a(), b()), a(), b());
      case 'eq':
        return i32.eq(a(), b());
      case 'ne':
        return i32.ne(a(), b());
      case 'lt':
        return i32.lt_s(a(), b());
      case 'le':
        return i32.le_s(a(), b());
      case 'gt':
        return i32.gt_s(a(), b());
      case 'ge':
        return i32.ge_s(a(), b());
      default:
        throw new Error(`no scalar integer form of ${op}`);
    }
  }

  /** Float to integer truncates and saturates; uint8 keeps the low byte. */
  cast(x: Expr, from: DType, to: DType): Expr {
    const { m } = this.f;
    if (from === 'float32') {
      if (to === 'float64') return m.f64.promote(x);
      if (to === 'bool') return m.f32.ne(x, m.f32.const(0));
      return this.narrow(m.i32.trunc_s_sat.f32(x), to);
    }
    if (from === 'float64') {
      if (to === 'float32') return m.f32.demote(x);
      if (to === 'bool') return m.f64.ne(x, m.f64.const(0));
      return this.narrow(m.i32.trunc_s_sat.f64(x), to);
    }
    if (to === 'float32') return m.f32.convert_s.i32(x);
    if (to === 'float64') return m.f64.convert_s.i32(x);
    return to === 'bool' ? m.i32.ne(x, this.f.i32(0)) : this.narrow(x, to);
  }

  private narrow(x: Expr, to: DType): Expr {
    return to === 'uint8' ? this.f.m.i32.and(x, this.f.i32(255)) : x;
  }
}
