import { type ArrayField, arrayDataset, DataError } from '../data/array-dataset.ts';
import type { Dataset, Splits } from '../data/dataset.ts';
import { split } from '../data/split.ts';
import { sampleLabels } from '../nn/losses.ts';
import type { Model, Tensors } from '../nn/model.ts';
import { type DType, isFloat } from '../tensor/dtype.ts';
import type { RandomStreams } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { LossInput, Target, Task } from './task.ts';

/** The data of a task: the three splits, one dataset or arrays to be split (80/10/10, shuffled with seed 0), or what loads one of these. */
export type TaskData = Given | (() => Given | Promise<Given>);
type Given = Splits | Dataset | Readonly<Record<string, ArrayField>>;

export interface TaskDefinition {
  readonly id: string;
  /** One line for lists. Default: the id. */
  readonly summary?: string;
  readonly model: Model;
  readonly data: TaskData;
  /** What the model is given, made of a batch; `dtype` is that of the parameters. Default: the field `x`, integers as they are. */
  readonly input?: (batch: Tensors, dtype: DType) => Tensor;
  /** Mean loss over the batch, a scalar. */
  readonly loss: (output: Tensor, batch: Tensors) => Tensor;
  /**
   * The field of the labels, where the output is logits and the loss their mean cross entropy: methods that draw labels from the model's own
   * distribution (Sophia-G) or add a term of the logits (MESA) need it.
   */
  readonly labels?: string;
  /** Means over the batch, each a scalar and lower is better. */
  readonly metrics?: (output: Tensor, batch: Tensors) => Tensors;
  /** Default 32. */
  readonly batchSize?: number;
  /** Default 1000. */
  readonly steps?: number;
  /** Default: loss 0, which no run reaches. */
  readonly target?: Target;
}

/**
 * A task from a model, a loss and data.
 *
 * ```ts
 * const task = defineTask({
 *   id: 'my-digits',
 *   model: mlp([64, 32, 10]),
 *   data: { x: { data: pixels, shape: [64] }, y: { data: labels } }, // a Float32Array and an Int32Array
 *   loss: (logits, { y }) => meanCrossEntropy(logits, y),
 *   metrics: (logits, { y }) => ({ error: errorRate(logits, y) }),
 *   target: { metric: 'error', value: 0.05 },
 * });
 * ```
 */
export function defineTask(definition: TaskDefinition): Task {
  const { id, summary = id, model, data, input = fieldX, loss, metrics, labels } = definition;
  const { batchSize = 32, steps = 1000, target = { metric: 'loss', value: 0 } } = definition;
  const outputs = new WeakMap<LossInput, Tensor>();
  // Loss and metrics of one input share one pass through the model.
  const outputOf = (given: LossInput): Tensor => {
    const { params, batch, context } = given;
    let output = outputs.get(given);
    if (!output) {
      output = model.apply(params, input(batch, dtypeOf(params)), context);
      outputs.set(given, output);
    }
    return output;
  };
  return {
    id,
    summary,
    parameters: model.parameters,
    buffers: model.buffers,
    loss: (given) => loss(outputOf(given), given.batch),
    ...(labels && {
      logits: outputOf,
      sampledLoss: (given: LossInput, random: RandomStreams) => {
        const logits = outputOf(given);
        const drawn = sampleLabels(logits, random);
        return { loss: loss(logits, { ...given.batch, [labels]: drawn }), labels: drawn.size };
      },
    }),
    ...(metrics && { metrics: (given: LossInput) => metrics(outputOf(given), given.batch) }),
    data: async () => splitsOf(typeof data === 'function' ? await data() : data),
    batchSize,
    steps,
    target,
  };
}

const dtypeOf = (params: Tensors): DType => Object.values(params)[0]?.dtype ?? 'float32';

function fieldX({ x, ...others }: Tensors, dtype: DType): Tensor {
  if (!x)
    throw new DataError(
      `the data has no field 'x', only ${Object.keys(others)}; say by 'input' what the model is given`,
    );
  return isFloat(x.dtype) ? x.cast(dtype) : x;
}

// Fields of arrays are objects, whatever they are called; the methods of a dataset are functions.
const isDataset = (given: unknown): given is Dataset =>
  typeof (given as Partial<Dataset> | undefined)?.read === 'function';
const isSplits = (given: Given): given is Splits => isDataset((given as Partial<Splits>).train);

function splitsOf(given: Given): Splits {
  if (isSplits(given)) return given;
  return split(isDataset(given) ? given : arrayDataset(given));
}
