import type { Field } from '../data/dataset.ts';
import type { ModelContext, Tensors } from '../nn/model.ts';
import type { Batch } from '../optim/oracle.ts';
import type { StepObjective } from '../optim/step-program.ts';
import type { LossInput, Task } from '../tasks/task.ts';
import { type Bundle, Layout } from '../tensor/bundle.ts';
import { isFloat } from '../tensor/dtype.ts';
import { parameter } from '../tensor/functions.ts';
import { RandomStreams } from '../tensor/random.ts';
import { Tensor } from '../tensor/tensor.ts';

type Fields = Readonly<Record<string, Field>>;

/** The order of a task's parameters in the flat buffer. */
export const layoutOf = (task: Task): Layout =>
  new Layout(Object.entries(task.parameters).map(([name, { shape, role }]) => ({ name, shape, role })));

/** Placeholders of a minibatch; they are named '<prefix>.<field>'. */
export const batchSymbols = (prefix: string, fields: Fields, size: number): Batch =>
  Object.fromEntries(
    Object.entries(fields).map(([name, { shape, dtype }]) => [
      name,
      parameter(`${prefix}.${name}`, [size, ...shape], dtype),
    ]),
  );

/** Placeholders of the tensors that a model keeps but does not train; they are named 'model.<name>'. */
const bufferSymbols = (task: Task): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(task.buffers).map(([name, { shape }]) => [name, parameter(`model.${name}`, shape)]),
  );

const isMean = (value: unknown): value is Tensor => value instanceof Tensor && value.rank === 0 && isFloat(value.dtype);

/** The loss of a task, which must be a float scalar. */
export function lossOf(task: Task, input: LossInput): Tensor {
  const loss: unknown = task.loss(input);
  if (isMean(loss)) return loss;
  throw new TypeError(
    `task '${task.id}': the loss must be a float scalar, the mean over the batch, not ${String(loss)}`,
  );
}

/** The metrics of a task, which must be float scalars. */
export function metricsOf(task: Task, input: LossInput): Tensors {
  const metrics = task.metrics?.(input) ?? {};
  for (const [name, value] of Object.entries(metrics)) {
    if (isMean(value)) continue;
    throw new TypeError(`task '${task.id}': metric '${name}' must be a float scalar, not ${String(value)}`);
  }
  const { metric } = task.target;
  if (metric !== 'loss' && !(metric in metrics)) {
    const known = ['loss', ...Object.keys(metrics)].join(', ');
    throw new TypeError(`task '${task.id}': the target is on '${metric}', which is none of ${known}`);
  }
  return metrics;
}

/** The context of an evaluation: nothing random, nothing recorded. */
export const evaluationContext = (task: Task): ModelContext => ({
  training: false,
  random: new RandomStreams('evaluation'),
  buffers: bufferSymbols(task),
  setBuffer: () => {},
});

/**
 * A task as an optimizer's step sees it. Each minibatch has its own random streams, and asking again for the loss of a minibatch
 * (SAM's second gradient) meets the same masks. Running statistics are those of the first loss of the first minibatch.
 */
export function trainingObjective(task: Task, fields: Fields, batchSize: number): StepObjective {
  const batches = new Map<number, Batch>();
  const buffers = bufferSymbols(task);
  let updates: Record<string, Tensor> | undefined;
  const batch = (index: number): Batch => {
    const found = batches.get(index) ?? batchSymbols(`batch${index}`, fields, batchSize);
    batches.set(index, found);
    return found;
  };
  const contextOf = (index: number, recorded: Record<string, Tensor>): ModelContext => ({
    training: true,
    random: new RandomStreams(`model${index}`),
    buffers,
    setBuffer: (name, value) => {
      recorded[`model.${name}`] = value;
    },
  });
  const { sampledLoss, logits } = task;
  const passOf = (w: Bundle, examples: Batch, index: number): { input: LossInput; loss: Tensor } => {
    const recorded: Record<string, Tensor> = {};
    const input = { params: w.toRecord(), batch: examples, context: contextOf(index, recorded) };
    const loss = lossOf(task, input);
    // Losses of single examples (per-example gradients) are traced over other tensors and leave no statistics.
    if (examples === batches.get(0)) updates ??= recorded;
    return { input, loss };
  };
  return {
    batch,
    loss: (w, examples, index) => passOf(w, examples, index).loss,
    ...(sampledLoss && {
      sampledLoss: (w: Bundle, examples: Batch, index: number) =>
        sampledLoss(
          { params: w.toRecord(), batch: examples, context: contextOf(index, {}) },
          new RandomStreams(`labels${index}`),
        ),
    }),
    ...(logits && {
      lossAndLogits(w: Bundle, examples: Batch, index: number) {
        const { input, loss } = passOf(w, examples, index);
        return { loss, logits: logits(input) };
      },
      logits: (w: Bundle, examples: Batch) =>
        logits({ params: w.toRecord(), batch: examples, context: { ...evaluationContext(task), buffers } }),
    }),
    outputs: () => updates ?? {},
  };
}
