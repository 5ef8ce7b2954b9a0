import type { DType } from '../tensor/dtype.ts';
import type { Shape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** One input of an op under test. */
export interface CaseInput {
  readonly shape: Shape;
  readonly dtype?: DType; // float32 unless said
  /** Random numbers are drawn from this interval (integers for int32, uint8, bool). Default [-2, 2]. */
  readonly domain?: readonly [number, number];
  /** Given numbers instead of random ones. */
  readonly values?: readonly number[];
}

/** One use of an op that every engine must agree on, and whose derivatives are checked by finite differences. */
export interface OpCase {
  readonly name: string;
  readonly inputs: readonly CaseInput[];
  readonly build: (...inputs: Tensor[]) => Tensor;
  /** False where derivatives do not exist or are zero by definition (comparisons, rounding, integer results). Default true. */
  readonly differentiable?: boolean;
  /** Relative tolerance of the float32 engines, when the op needs more than 1e-5. */
  readonly tolerance?: number;
}
