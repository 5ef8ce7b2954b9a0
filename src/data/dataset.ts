import type { TypedArray } from '../runtime/engine.ts';
import type { DType } from '../tensor/dtype.ts';
import type { Shape } from '../tensor/shape.ts';

/** Shape and dtype of one field of one example. */
export interface Field {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Examples by index. A batch stacks its fields on a new axis 0. */
export interface Dataset {
  /** Number of examples. */
  readonly size: number;
  readonly fields: Readonly<Record<string, Field>>;
  /** Writes one field of the examples at `indices` into `target`, one after the other. */
  read(indices: ArrayLike<number>, field: string, target: TypedArray): void;
}

/** The three parts of a task's data. The test set is for the final report only. */
export interface Splits {
  readonly train: Dataset;
  readonly validation: Dataset;
  readonly test: Dataset;
}
