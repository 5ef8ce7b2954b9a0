import type { Initializer, ModelContext } from '../nn/model.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Target, Task } from './task.ts';

export interface FunctionDefinition {
  readonly id: string;
  /** One line for lists. */
  readonly summary: string;
  readonly dimension: number;
  /** Where the minimiser starts. */
  readonly start: Initializer;
  /** The value at w [dimension], a scalar. Noise, if any, is for training only. */
  readonly value: (w: Tensor, context: ModelContext) => Tensor;
  readonly steps: number;
  /** A value of the function that counts as done. */
  readonly target: number;
}

/** A task without data: minimise a function of one vector, the parameter `w`. */
export function defineFunction({ id, summary, dimension, start, value, steps, target }: FunctionDefinition): Task {
  const goal: Target = { metric: 'loss', value: target };
  return {
    id,
    summary,
    parameters: { w: { shape: [dimension], role: 'other', init: start } },
    buffers: {},
    loss: ({ params, context }) => value(params.w, context),
    data: async () => null,
    batchSize: 1,
    steps,
    target: goal,
  };
}
