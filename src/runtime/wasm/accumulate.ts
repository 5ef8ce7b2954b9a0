import { type DType, isFloat } from '../../tensor/dtype.ts';
import type { Expr, FunctionBuilder, Local } from './assembler.ts';
import type { ReduceOp } from './ir.ts';
import type { Register } from './lanes.ts';
import { ScalarLanes, scalarType } from './scalar.ts';
import { VectorLanes } from './vector.ts';

/**
 * Running results of a reduction in registers. Sums of floats are kept in float64, whatever the dtype: a million of them still add up to
 * float32 accuracy. Those few that an unrolled pass of a loop has at once are added to each other first.
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

  /** Greatest and least float32 vectors are found without regard to NaN; a second register gathers where there was one. */
  private get watched(): boolean {
    return this.op !== 'sum' && this.dtype === 'float32';
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
    if (this.watched) return [...this.vectors.splat(this.held, one), ...this.vectors.keep(this.f.splatted('i32', 0))];
    const parts = this.held === 'float64' ? 2 : 1;
    return Array.from({ length: parts }, () => this.vectors.splat(this.held, one)[0]);
  }

  addScalar(total: Local, [x]: Register): void {
    const { m, get } = this.f;
    const promoted = this.held !== this.dtype ? m.f64.promote(get(x)) : get(x);
    this.f.set(total, this.combine(get(total), this.f.keep(total.type, promoted), total));
  }

  /** How many vector accumulators an unrolled loop needs that has only one result. */
  parallel(unroll: number): number {
    return this.held !== this.dtype ? 1 : unroll;
  }

  /** Adds the vectors of a pass, one to each accumulator, or all to a single one. */
  addVectors(totals: readonly Register[], values: readonly Register[]): void {
    const together = totals.length === 1 && values.length > 1;
    const each = together ? [this.added(values)] : values;
    each.forEach((value, i) => {
      this.addVector(totals[i], value);
    });
  }

  /** The float32 sum of several vectors, in pairs. */
  private added(values: readonly Register[]): Register {
    if (values.length === 1) return values[0];
    const half = values.length >> 1;
    const [[a], [b]] = [this.added(values.slice(0, half)), this.added(values.slice(half))];
    return this.vectors.keep(this.f.m.f32x4.add(this.f.get(a), this.f.get(b)));
  }

  private addVector(total: Register, x: Register): void {
    const { m, get } = this.f;
    const nan = () => this.vectors.keep(m.f32x4.ne(get(x[0]), get(x[0])));
    this.merge(total, this.watched ? [...x, ...nan()] : this.op === 'sum' ? this.vectors.asDouble(this.dtype, x) : x);
  }

  private merge(total: Register, other: Register): void {
    total.forEach((part, i) => {
      this.f.set(part, this.combineVector(part, other[i], i));
    });
  }

  /** One register for each part of the result: all ones are a NaN. */
  private whole(total: Register): Register {
    return this.watched ? this.vectors.keep(this.f.m.v128.or(this.f.get(total[0]), this.f.get(total[1]))) : total;
  }

  /** Adds other accumulators of this kind, then all lanes, to a scalar one. */
  gather(total: Local, [first, ...others]: readonly Register[]): void {
    const { m, get } = this.f;
    for (const other of others) this.merge(first, other);
    const lanes: { vector: Local; lane: number }[] = this.whole(first).flatMap((vector) =>
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
      : this.whole(total);
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

  private combineVector(total: Local, other: Local, part: number): Expr {
    const { m, get } = this.f;
    const [a, b] = [get(total), get(other)];
    if (this.watched) return part === 1 ? m.v128.or(a, b) : this.op === 'max' ? m.f32x4.pmax(a, b) : m.f32x4.pmin(a, b);
    if (isFloat(this.held)) {
      const t = this.held === 'float64' ? m.f64x2 : m.f32x4;
      return this.op === 'sum' ? t.add(a, b) : this.op === 'max' ? t.max(a, b) : t.min(a, b);
    }
    const t = m.i32x4;
    return this.op === 'sum' ? t.add(a, b) : this.op === 'max' ? t.max_s(a, b) : t.min_s(a, b);
  }
}
