import type { Splits } from '../data/dataset.ts';
import type { ModelContext, ParameterSpecs, Tensors } from '../nn/model.ts';
import type { RandomStreams } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** What a loss or metric is computed from. */
export interface LossInput {
  readonly params: Tensors;
  /** The minibatch, examples on axis 0; empty for tasks without data. */
  readonly batch: Tensors;
  readonly context: ModelContext;
}

/** A number below which a task counts as done. */
export interface Target {
  /** 'loss' or the name of a metric, on the validation set (on the function itself for tasks without data). Lower is better. */
  readonly metric: string;
  readonly value: number;
}

/** What is to be trained: parameters, loss, data, target, budget. */
export interface Task {
  readonly id: string;
  /** One line for lists. */
  readonly summary: string;
  readonly parameters: ParameterSpecs;
  readonly buffers: ParameterSpecs;
  /** Mean loss over the batch, a scalar. */
  loss(input: LossInput): Tensor;
  /** The same loss over labels drawn from the model's own distribution, and their number, where the loss is a cross entropy of logits. */
  sampledLoss?(input: LossInput, random: RandomStreams): { readonly loss: Tensor; readonly labels: number };
  /** The logits whose mean cross entropy the loss is, where it is one; those of one input and its loss are of one pass. */
  logits?(input: LossInput): Tensor;
  /** Means over the batch, each a scalar and lower is better (an error rate, say), for evaluation. */
  metrics?(input: LossInput): Tensors;
  /** Loads the data; null for tasks that are functions of the parameters alone. */
  data(): Promise<Splits | null>;
  readonly batchSize: number;
  /** Default budget of a run. */
  readonly steps: number;
  readonly target: Target;
}
