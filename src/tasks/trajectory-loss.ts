import { DataError } from '../data/array-dataset.ts';
import type { Dataset } from '../data/dataset.ts';
import { type ModelContext, type ParameterSpec, softDivergence } from '../nn/index.ts';
import { ones, scatterAdd } from '../tensor/functions.ts';
import { type Shape, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Task } from './task.ts';

export interface TrajectoryLossOptions {
  /** Number of examples of the training set. */
  readonly examples: number;
  /** Shape of the logits of one example: [10] for ten classes. */
  readonly logits: Shape;
  /** How many epochs ago the logits are from, a whole number from 1. Default 3. */
  readonly epochs?: number;
  /** Weight of the divergence, from 0. Default 0.16. */
  readonly lambda?: number;
  /** Temperature of both softmaxes, above 0. Default 5. */
  readonly tau?: number;
  /** Active in epochs with start < epoch < end, counted from 0. Default 5 and no end. */
  readonly start?: number;
  readonly end?: number;
}

const index = 'trajectoryIndex';
const table = 'trajectory.logits';
const visits = 'trajectory.visits';
const zeros = (shape: Shape): ParameterSpec => ({ shape, role: 'other', init: { kind: 'constant', value: 0 } });

/** The same data with the number of each example as a field. */
const numbered = (data: Dataset): Dataset => ({
  ...data,
  fields: { ...data.fields, [index]: { shape: [], dtype: 'int32' } },
  read(indices, field, target) {
    if (field === index) target.set(indices);
    else data.read(indices, field, target);
  },
});

/**
 * SAF, sharpness-aware training for free: a task whose training loss keeps the logits of each example near those of `epochs` epochs before. Du et
 * al. 2022, arXiv:2205.14083, section 3.2.
 *
 *   L' = L + lambda tau^2 mean_i KL(softmax(z^_i / tau) | softmax(z_i / tau)),   z^_i the logits of example i, `epochs` epochs ago
 *
 * No further pass through the model: the logits of the training pass are kept (whatever dropout they had) in buffers of the task, examples x
 * epochs x size of the logits, which go into checkpoints as running statistics do. Each example counts its own visits as epochs, since some sit an
 * epoch out. A step rewrites the whole table, so this is for data sets whose table is no larger than a few passes over the model. A step with
 * several minibatches stores those of its first. Evaluations are of L. The authors' code multiplies by tau^2, and so do we; its lambda is 0.16 by
 * default (ours) and 0.3 in its README. The task must name its labels. The wrapper 'mesa' takes the logits of an average of the weights instead.
 */
export function withTrajectoryLoss(task: Task, options: TrajectoryLossOptions): Task {
  const {
    examples,
    logits: shape,
    epochs = 3,
    lambda = 0.16,
    tau = 5,
    start = 5,
    end = Number.POSITIVE_INFINITY,
  } = options;
  const refuse = (name: string, value: number, wanted: string): never => {
    throw new RangeError(`withTrajectoryLoss: ${name} is ${value}; it must ${wanted}`);
  };
  if (!(Number.isInteger(epochs) && epochs >= 1)) refuse('epochs', epochs, 'be a whole number from 1');
  if (!(lambda >= 0 && lambda < Number.POSITIVE_INFINITY)) refuse('lambda', lambda, 'lie in [0, inf)');
  if (!(tau > 0 && tau < Number.POSITIVE_INFINITY)) refuse('tau', tau, 'lie in (0, inf)');
  const { logits: logitsOf } = task;
  if (!logitsOf) {
    throw new TypeError(
      `withTrajectoryLoss: task '${task.id}' does not say that its loss is a cross entropy of logits; name the field of its labels ('labels' of defineTask)`,
    );
  }
  const rows = examples * epochs;
  const width = sizeOf(shape);

  /** The term, and the table with the logits of this pass in the place of the oldest. */
  const termOf = (logits: Tensor, at: Tensor, { buffers, setBuffer }: ModelContext): Tensor => {
    const done = buffers[visits].gather(at);
    const slot = done.sub(done.div(epochs).floor().mul(epochs)).cast('int32');
    const place = at.mul(epochs).add(slot);
    const now = logits.stopGradient().reshape([at.size, width]).cast(buffers[table].dtype);
    const taken = scatterAdd(place, ones([at.size], buffers[table].dtype), { size: rows });
    const kept = buffers[table].mul(taken.neg().add(1).expandDims(1));
    setBuffer(table, kept.add(scatterAdd(place, now, { size: rows })));
    setBuffer(visits, buffers[visits].add(scatterAdd(at, ones([at.size], done.dtype), { size: examples })));
    const active = done.gt(start).and(done.lt(end)).and(done.ge(epochs)).cast(logits.dtype);
    const before = buffers[table].gather(place).reshape(logits.shape).cast(logits.dtype);
    const divergence = softDivergence(logits, before, tau).reshape([at.size, width / shape[shape.length - 1]]);
    return divergence
      .mul(active.expandDims(1))
      .mean()
      .mul(lambda * tau * tau);
  };

  return {
    ...task,
    id: `${task.id}-saf`,
    buffers: { ...task.buffers, [table]: zeros([rows, width]), [visits]: zeros([examples]) },
    loss(input) {
      const loss = task.loss(input);
      if (!input.context.training) return loss;
      return loss.add(termOf(logitsOf(input), input.batch[index], input.context).cast(loss.dtype));
    },
    async data() {
      const splits = await task.data();
      if (splits?.train.size !== examples) {
        throw new DataError(
          `withTrajectoryLoss: examples is ${examples}; the training set has ${splits?.train.size ?? 0}`,
        );
      }
      return { ...splits, train: numbered(splits.train) };
    },
  };
}
