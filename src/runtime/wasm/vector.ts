import type { DType } from '../../tensor/dtype.ts';
import type { Expr, FunctionBuilder, Local } from './assembler.ts';
import { floatForm } from './float-forms.ts';
import type { PointwiseOp } from './ir.ts';
import type { Lanes, Operation, Register } from './lanes.ts';
import { inlineVector, type VectorMath } from './math.ts';
import { callHost, hostMath, knownPower, vectorMath } from './scalar.ts';

type Floats = FunctionBuilder['m']['f32x4'] | FunctionBuilder['m']['f64x2'];

/**
 * Four elements at a time: float32 as f32x4, float64 as two f64x2, int32 and uint8 as i32x4, bool as an i32x4 mask (all ones or zeros).
 */
export class VectorLanes implements Lanes {
  readonly f: FunctionBuilder;
  constructor(f: FunctionBuilder) {
    this.f = f;
  }

  load(dtype: DType, pointer: Local, offset: number, stride: number): Register {
    const { m } = this.f;
    const p = () => this.f.get(pointer);
    if (dtype === 'float64') {
      if (stride === 8) return this.keep(m.v128.load(offset, 8, p()), m.v128.load(offset + 16, 8, p()));
      const pair = (at: number): Expr =>
        m.v128.load64_lane(0, 8, 1, this.at(pointer, offset + at + stride), this.zeroed(64, pointer, offset + at));
      return this.keep(pair(0), pair(2 * stride));
    }
    if (dtype === 'float32' || dtype === 'int32') {
      if (stride === 4) return this.keep(m.v128.load(offset, 4, p()));
      let lanes = this.zeroed(32, pointer, offset);
      for (const lane of [1, 2, 3]) {
        lanes = m.v128.load32_lane(0, 4, lane, this.at(pointer, offset + lane * stride), lanes);
      }
      return this.keep(lanes);
    }
    let bytes: Expr;
    if (stride === 1) bytes = m.v128.load32_zero(offset, 1, p());
    else {
      bytes = m.i32x4.splat(this.f.i32(0));
      for (const lane of [0, 1, 2, 3]) {
        bytes = m.v128.load8_lane(0, 1, lane, this.at(pointer, offset + lane * stride), bytes);
      }
    }
    const words = m.i32x4.extend_low_i16x8_u(m.i16x8.extend_low_i8x16_u(bytes));
    return this.keep(dtype === 'bool' ? m.i32x4.ne(words, this.int(0)) : words);
  }

  store(dtype: DType, pointer: Local, offset: number, value: Register): void {
    const { m, get } = this.f;
    const p = () => this.f.get(pointer);
    if (dtype === 'uint8' || dtype === 'bool') {
      const words = dtype === 'bool' ? m.v128.and(get(value[0]), this.int(1)) : get(value[0]);
      const low = m.i8x16.shuffle(words, this.int(0), [0, 4, 8, 12, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16]);
      this.f.emit(m.v128.store32_lane(offset, 1, 0, p(), low));
      return;
    }
    value.forEach((part, i) => {
      this.f.emit(m.v128.store(offset + 16 * i, 4, p(), get(part)));
    });
  }

  /** One element in every lane. */
  splat(dtype: DType, [x]: Register): Register {
    const { m, get } = this.f;
    if (dtype === 'float32') return this.keep(m.f32x4.splat(get(x)));
    if (dtype === 'float64') {
      const [both] = this.keep(m.f64x2.splat(get(x)));
      return [both, both];
    }
    if (dtype === 'bool') return this.keep(m.i32x4.ne(m.i32x4.splat(get(x)), this.int(0)));
    return this.keep(m.i32x4.splat(get(x)));
  }

  iota(dtype: DType, first: Local, plus: number, step: number): Register {
    const { m } = this.f;
    const lanes = [0, 1, 2, 3].map((i) => plus + i * step);
    const steps = m.v128.const(new Uint8Array(new Int32Array(lanes).buffer));
    const [n] = this.keep(m.i32x4.add(m.i32x4.splat(this.f.get(first)), steps));
    return dtype === 'int32' ? [n] : this.cast([n], 'int32', dtype);
  }

  apply({ op, to, from, constant }: Operation, operands: readonly Register[]): Register {
    const { m, get } = this.f;
    if (op === 'copy' || op === 'segmentBroadcast') return operands[0];
    if (op === 'cast') return this.cast(operands[0], from, to);
    if (op === 'where') {
      const mask = to === 'float64' ? this.widen(operands[0][0]) : operands[0];
      return this.each(mask.length, (i) => m.v128.bitselect(get(operands[1][i]), get(operands[2][i]), get(mask[i])));
    }
    const parts = operands[0].length;
    const a = (i: number) => () => get(operands[0][i]);
    const b = (i: number) => () => get(operands[1][i]);
    if (op === 'and') return this.keep(m.v128.and(a(0)(), b(0)()));
    if (op === 'or') return this.keep(m.v128.or(a(0)(), b(0)()));
    if (op === 'not') return this.keep(m.v128.not(a(0)()));
    if (from === 'float32') return this.keep(this.single(op, operands[0][0], a(0), b(0), constant));
    if (from === 'float64') {
      const result = this.each(parts, (i) => this.double(op, a(i), b(i), constant));
      return to === 'bool' ? this.narrow(result) : result;
    }
    // As 0 and 1: the order of masks is the other way round.
    const number = (x: () => Expr) => (from === 'bool' ? () => m.v128.and(x(), this.int(1)) : x);
    const result = this.integer(op, number(a(0)), number(b(0)));
    return this.keep(to === 'uint8' ? m.v128.and(result, this.int(255)) : result);
  }

  keep(...values: Expr[]): Register {
    return values.map((value) => this.f.keep(this.f.types.v128, value));
  }

  private each(parts: number, make: (i: number) => Expr): Register {
    return this.keep(...Array.from({ length: parts }, (_, i) => make(i)));
  }

  private int = (value: number): Expr => this.f.splatted('i32', value);

  /** pointer + offset as an address: offsets of single lanes may be negative. */
  private at(pointer: Local, offset: number): Expr {
    return offset === 0 ? this.f.get(pointer) : this.f.m.i32.add(this.f.get(pointer), this.f.i32(offset));
  }

  private zeroed(bits: 32 | 64, pointer: Local, offset: number): Expr {
    const { v128 } = this.f.m;
    return bits === 32
      ? v128.load32_zero(0, 4, this.at(pointer, offset))
      : v128.load64_zero(0, 8, this.at(pointer, offset));
  }

  /** A mask of four 32-bit lanes as two of 64-bit lanes, and back. */
  private widen(mask: Local): Register {
    const { m, get } = this.f;
    return this.keep(m.i64x2.extend_low_i32x4_s(get(mask)), m.i64x2.extend_high_i32x4_s(get(mask)));
  }
  private narrow([low, high]: Register): Register {
    const { m, get } = this.f;
    return this.keep(m.i8x16.shuffle(get(low), get(high), [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27]));
  }

  private single(op: PointwiseOp, x: Local, a: () => Expr, b: () => Expr, constant: number | undefined): Expr {
    const { m } = this.f;
    if (vectorMath.includes(op)) return inlineVector(this.f, op as VectorMath, x);
    const known = op === 'pow' ? knownPower(constant, a, m.f32x4.mul) : null;
    if (known !== null) return known;
    if (op === 'sin' || op === 'cos' || op === 'pow') {
      let result = m.f32x4.splat(m.f32.const(0));
      for (const lane of [0, 1, 2, 3]) {
        const args = (op === 'pow' ? [a, b] : [a]).map((x) => m.f64.promote(m.f32x4.extract_lane(x(), lane)));
        result = m.f32x4.replace_lane(result, lane, m.f32.demote(callHost(this.f, op, args)));
      }
      return result;
    }
    return this.float(m.f32x4, (value) => this.f.splatted('f32', value), op, a, b);
  }

  private double(op: PointwiseOp, a: () => Expr, b: () => Expr, constant: number | undefined): Expr {
    const { m } = this.f;
    const known = op === 'pow' ? knownPower(constant, a, m.f64x2.mul) : null;
    if (known !== null) return known;
    if (op in hostMath) {
      let result = m.f64x2.splat(m.f64.const(0));
      for (const lane of [0, 1]) {
        const args = (op === 'pow' ? [a, b] : [a]).map((x) => m.f64x2.extract_lane(x(), lane));
        result = m.f64x2.replace_lane(result, lane, callHost(this.f, op, args));
      }
      return result;
    }
    return this.float(m.f64x2, (x) => m.f64x2.splat(m.f64.const(x)), op, a, b);
  }

  private float(t: Floats, c: (x: number) => Expr, op: PointwiseOp, a: () => Expr, b: () => Expr): Expr {
    const { bitselect } = this.f.m.v128;
    if (op === 'sign') return bitselect(c(1), bitselect(c(-1), a(), t.lt(a(), c(0))), t.gt(a(), c(0)));
    return floatForm(t, () => c(0), op, a, b);
  }

  private integer(op: PointwiseOp, a: () => Expr, b: () => Expr): Expr {
    const t = this.f.m.i32x4;
    switch (op) {
      case 'neg':
        return t.neg(a());
      case 'abs':
        return t.abs(a());
      case 'sign':
        return t.sub(t.lt_s(a(), this.int(0)), t.gt_s(a(), this.int(0)));
      case 'add':
        return t.add(a(), b());
      case 'sub':
        return t.sub(a(), b());
      case 'mul':
        return t.mul(a(), b());
      case 'maximum':
        return t.max_s(a(), b());
      case 'minimum':
        return t.min_s(a(), b());
      case 'eq':
        return t.eq(a(), b());
      case 'ne':
        return t.ne(a(), b());
      case 'lt':
        return t.lt_s(a(), b());
      case 'le':
        return t.le_s(a(), b());
      case 'gt':
        return t.gt_s(a(), b());
      case 'ge':
        return t.ge_s(a(), b());
      default:
        throw new Error(`no vector integer form of ${op}`);
    }
  }

  cast(x: Register, from: DType, to: DType): Register {
    const { m, get } = this.f;
    if (from === 'float64') {
      const zero = () => m.f64x2.splat(m.f64.const(0));
      if (to === 'bool') return this.narrow(this.each(2, (i) => m.f64x2.ne(get(x[i]), zero())));
      const half = (i: number) =>
        to === 'float32' ? m.f32x4.demote_f64x2_zero(get(x[i])) : m.i32x4.trunc_sat_f64x2_s_zero(get(x[i]));
      const joined = m.i8x16.shuffle(half(0), half(1), [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]);
      return this.keep(to === 'uint8' ? m.v128.and(joined, this.int(255)) : joined);
    }
    if (to === 'float64') {
      const high = (part: Local): Expr =>
        m.i8x16.shuffle(get(part), get(part), [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]);
      if (from === 'float32')
        return this.keep(m.f64x2.promote_low_f32x4(get(x[0])), m.f64x2.promote_low_f32x4(high(x[0])));
      const [n] = from === 'bool' ? this.keep(m.v128.and(get(x[0]), this.int(1))) : x;
      return this.keep(m.f64x2.convert_low_i32x4_s(get(n)), m.f64x2.convert_low_i32x4_s(high(n)));
    }
    const value = get(x[0]);
    if (from === 'float32') {
      if (to === 'bool') return this.keep(m.f32x4.ne(value, m.f32x4.splat(m.f32.const(0))));
      const whole = m.i32x4.trunc_sat_f32x4_s(value);
      return this.keep(to === 'uint8' ? m.v128.and(whole, this.int(255)) : whole);
    }
    if (from === 'bool') {
      if (to === 'float32') return this.keep(m.v128.and(value, m.f32x4.splat(m.f32.const(1))));
      return this.keep(m.v128.and(value, this.int(1)));
    }
    if (to === 'float32') return this.keep(m.f32x4.convert_i32x4_s(value));
    if (to === 'bool') return this.keep(m.i32x4.ne(value, this.int(0)));
    return this.keep(to === 'uint8' ? m.v128.and(value, this.int(255)) : value);
  }

  /** float32 or float64 as two f64x2: what sums are accumulated in. */
  asDouble(dtype: DType, x: Register): Register {
    return dtype === 'float32' ? this.cast(x, 'float32', 'float64') : x;
  }
}
