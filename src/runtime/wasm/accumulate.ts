import { type DType, isFloat } from '../../tensor/dtype.ts';
import type { Expr, FunctionBuilder, Local } from './assembler.ts';
import type { ReduceOp } from './ir.ts';
import type { Register } from './lanes.ts';
import { ScalarLanes, scalarType } from './scalar.ts';
import { VectorLanes } from './vector.ts';

/**
 * Running results of a reduction in registers. Sums of floats are kept in float64, whatever the dtype: two more instructions for four
 * elements, and a million of them still add up to float32 accuracy.
 */
export class Accumulators {
  private readonly f: FunctionBuilder;
  private readonly op: ReduceOp;
  private readonly dtype: DType;
  private readonly scalars: ScalarLanes;
  private readonly vectors: VectorLanes;

  constructor(f: FunctionBuilder, op: ReduceOp, dtype: DType) {
    this.f = f;
    this.op = op;
    this.dtype = dtype;
    this.scalars = new ScalarLanes(f);
    this.vectors = new VectorLanes(f);
  }

  /** What is held in registers: sums of float32 as float64. */
  private get held(): DType {
    return this.op === 'sum' && this.dtype === 'float32' ? 'float64' : this.dtype;
  }

  private get identity(): number {
    if (this.op === 'sum') return 0;
    const least = isFloat(this.dtype) ? Number.NEGATIVE_INFINITY : -(2 ** 31);
    return this.op === 'max' ? least : -least - Number(!isFloat(this.dtype));
  }

  beginScalar(): Local {
    return this.scalars.constant(this.held, this.identity)[0];
  }

  beginVector(): Register {
    const one = this.scalars.constant(this.held, this.identity);
    const parts = this.held === 'float64' ? 2 : 1;
    return Array.from({ length: parts }, () => this.vectors.splat(this.held, one)[0]);
  }

  addScalar(total: Local, [x]: Register): void {
    const { m, get } = this.f;
    const promoted = this.held !== this.dtype ? m.f64.promote(get(x)) : get(x);
    this.f.set(total, this.combine(get(total), this.f.keep(total.type, promoted), total));
  }

  addVector(total: Register, x: Register): void {
    const value = this.op === 'sum' ? this.vectors.asDouble(this.dtype, x) : x;
    total.forEach((part, i) => {
      this.f.set(part, this.combineVector(part, value[i]));
    });
  }

  /** Adds other accumulators of this kind, then all lanes, to a scalar one. */
  gather(total: Local, [first, ...others]: readonly Register[]): void {
    const { m, get } = this.f;
    for (const other of others) {
      first.forEach((part, i) => {
        this.f.set(part, this.combineVector(part, other[i]));
      });
    }
    const lanes: { vector: Local; lane: number }[] = first.flatMap((vector) =>
      (this.held === 'float64' ? [0, 1] : [0, 1, 2, 3]).map((lane) => ({ vector, lane })),
    );
    const type = this.held === 'float64' ? m.f64x2 : this.held === 'float32' ? m.f32x4 : m.i32x4;
    for (const { vector, lane } of lanes) {
      const one = this.f.keep(scalarType(this.f, this.held), type.extract_lane(get(vector), lane));
      this.f.set(total, this.combine(get(total), one, total));
    }
  }

  finishScalar(total: Local): Register {
    const { m, get } = this.f;
    if (this.held !== this.dtype) return [this.f.keep(this.f.types.f32, m.f32.demote(get(total)))];
    return this.dtype === 'uint8' ? [this.f.keep(this.f.types.i32, m.i32.and(get(total), this.f.i32(255)))] : [total];
  }

  finishVector(total: Register): Register {
    const { m, get } = this.f;
    if (this.held !== this.dtype) return this.vectors.cast(total, 'float64', 'float32');
    return this.dtype === 'uint8'
      ? this.vectors.keep(m.v128.and(get(total[0]), m.i32x4.splat(this.f.i32(255))))
      : total;
  }

  private combine(a: Expr, other: Local, total: Local): Expr {
    const { m, get } = this.f;
    const b = get(other);
    if (isFloat(this.held)) {
      const t = this.held === 'float64' ? m.f64 : m.f32;
      return this.op === 'sum' ? t.add(a, b) : this.op === 'max' ? t.max(a, b) : t.min(a, b);
    }
    if (this.op === 'sum') return m.i32.add(a, b);
    const keep = this.op === 'max' ? m.i32.gt_s(get(total), get(other)) : m.i32.lt_s(get(total), get(other));
    return m.select(keep, a, b);
  }

  private combineVector(total: Local, other: Local): Expr {
    const { m, get } = this.f;
    const [a, b] = [get(total), get(other)];
    if (isFloat(this.held)) {
      const t = this.held === 'float64' ? m.f64x2 : m.f32x4;
      return this.op === 'sum' ? t.add(a, b) : this.op === 'max' ? t.max(a, b) : t.min(a, b);
    }
    const t = m.i32x4;
    return this.op === 'sum' ? t.add(a, b) : this.op === 'max' ? t.max_s(a, b) : t.min_s(a, b);
  }
}
