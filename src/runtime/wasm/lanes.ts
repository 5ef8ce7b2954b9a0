import type { DType } from '../../tensor/dtype.ts';
import type { Expr, FunctionBuilder, Local } from './assembler.ts';
import type { PointwiseOp } from './ir.ts';

/**
 * How the elements of one loop iteration live in registers: one (scalar.ts) or four (vector.ts) at a time. A register is a list of locals:
 * four float64 take two.
 */
export type Register = readonly Local[];

/** An element-wise op on registers. */
export interface Operation {
  readonly op: PointwiseOp;
  /** Of the result, and of the operands (for `where`, of the last two). */
  readonly to: DType;
  readonly from: DType;
  /** The second operand, when it is a number known at compile time. */
  readonly constant: number | undefined;
}

export interface Lanes {
  readonly f: FunctionBuilder;
  /** Elements from `pointer + offset` on. `stride` bytes lie between them. */
  load(dtype: DType, pointer: Local, offset: number, stride: number): Register;
  store(dtype: DType, pointer: Local, offset: number, value: Register): void;
  /** first, first + step, ... where `first` is an int32 local plus a constant. */
  iota(dtype: DType, first: Local, plus: number, step: number): Register;
  apply(operation: Operation, operands: readonly Register[]): Register;
}

export type Unary = (x: Expr) => Expr;
export type Binary = (a: Expr, b: Expr) => Expr;
