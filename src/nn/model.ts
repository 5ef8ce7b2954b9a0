import type { Role } from '../tensor/bundle.ts';
import type { RandomStreams } from '../tensor/random.ts';
import type { Shape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** How a parameter begins; the runtime draws it from the run's seed. */
export type Initializer =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly std: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'values'; readonly values: readonly number[] };

/** One parameter tensor (or one tensor of running statistics) of a model. */
export interface ParameterSpec {
  readonly shape: Shape;
  readonly role: Role;
  readonly init: Initializer;
}

export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>;

/** Tensors by name. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** What a model may use beside its parameters and its input. */
export interface ModelContext {
  readonly training: boolean;
  /** Declared random inputs: dropout masks, noise. */
  readonly random: RandomStreams;
  /** State that is not trained, by name: running statistics. */
  readonly buffers: Tensors;
  /** Says what a buffer holds after this step. Ignored when not training. */
  setBuffer(name: string, value: Tensor): void;
}

/** A function with parameters. `parameters` declares them, `apply` is given them by the same names. */
export interface Model {
  readonly parameters: ParameterSpecs;
  readonly buffers: ParameterSpecs;
  apply(params: Tensors, x: Tensor, context: ModelContext): Tensor;
}
