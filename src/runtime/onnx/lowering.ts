import type { ComputeName, OpAttrs } from '../../tensor/attrs.ts';
import type { DType } from '../../tensor/dtype.ts';
import type { Shape } from '../../tensor/shape.ts';
import type { Emitter, Value } from './emitter.ts';

/** What the lowered op must make. */
export interface Wanted {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Emits the ONNX nodes of one op and answers its result. */
export type Lowering<K extends ComputeName> = (
  emit: Emitter,
  inputs: readonly Value[],
  attrs: OpAttrs[K],
  wanted: Wanted,
) => Value;

/** An op that ONNX Runtime cannot take, and why. */
export interface Unsupported {
  readonly unsupported: string;
}

/** Lowerings of some ops: a total record, so that the compiler names what is missing. */
export type Lowerings<K extends ComputeName> = { readonly [L in K]: Lowering<L> | Unsupported };
