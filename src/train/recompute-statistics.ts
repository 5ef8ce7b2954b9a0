import { fillBatch } from '../data/fill-batch.ts';
import type { ModelContext } from '../nn/model.ts';
import type { Batch } from '../optim/oracle.ts';
import { type Program, programOf } from '../optim/step-program.ts';
import type { Buffer } from '../runtime/engine.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Task } from '../tasks/task.ts';
import { ones, parameter, zeros } from '../tensor/functions.ts';
import { substitute } from '../tensor/graph.ts';
import { RandomStreams } from '../tensor/random.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { tangentsOf } from '../tensor/transforms.ts';
import { type BoundProgram, bindProgram } from './bound-program.ts';
import { Buffers } from './buffers.ts';
import { batchSymbols, lossOf } from './objective.ts';
import type { Arrays } from './options.ts';
import { defaultRuntime } from './train.ts';

export interface StatisticsOptions {
  readonly task: Task;
  /** The parameters to take the statistics at: those that a run of an averaging method gave, or a mean of runs. */
  readonly parameters: Arrays;
  /** Examples of a batch, whose statistics are averaged. Default: the task's. */
  readonly batchSize?: number;
  /** What counts alike: every example (the authors of SWA), or every batch (PyTorch's update_bn). Default 'examples'. */
  readonly weighting?: 'examples' | 'batches';
  /** For random numbers of the model, dropout masks. Default 0. */
  readonly seed?: number;
  /** Default: the process-wide runtime. */
  readonly runtime?: Runtime;
}

/**
 * The running statistics of a model (batch norm) anew, at given parameters: the mean over the batches of the training set of what each batch has
 * to say, the model in training mode. Izmailov et al. 2018, arXiv:1803.05407, section 3.2: statistics of trained weights do not fit averaged ones.
 *
 * A model's buffers must be moving averages, s <- (1 - m) s + m (statistic of the batch): the statistic is then s at s = 0 over m, and 1 - m the
 * derivative in s. A last batch of a single example, which has no variance, is left out. Give the result to `predict` in the place of
 * `result.buffers`; evaluations during training do not use it.
 */
export async function recomputeStatistics(options: StatisticsOptions): Promise<Arrays> {
  const { task, parameters, weighting = 'examples', seed = 0, runtime = defaultRuntime() } = options;
  const { batchSize = task.batchSize } = options;
  const data = (await task.data())?.train;
  if (!data) throw new TypeError(`task '${task.id}' has no data to take statistics from`);
  const means = Object.entries(task.buffers).map(([name, { shape }]) => ({
    name,
    shape,
    data: new Float64Array(sizeOf(shape)),
  }));
  const buffers = new Buffers(runtime);
  try {
    for (const [name, { shape, data: numbers }] of Object.entries(parameters)) {
      buffers.get(`params.${name}`, shape, 'float32').data.set(numbers);
    }
    const passes = new Map<number, BoundProgram>();
    let total = 0;
    for (let start = 0; start < data.size; start += batchSize) {
      const size = Math.min(batchSize, data.size - start);
      if (size < 2 && start > 0) break;
      const batch = batchSymbols(`batch${size}`, data.fields, size);
      const pass = passes.get(size) ?? (await bindProgram(statisticsOf(task, batch), runtime, buffers));
      passes.set(size, pass);
      fillBatch(
        data,
        Int32Array.from({ length: size }, (_, i) => start + i),
        Object.fromEntries(
          Object.entries(batch).map(([field, { shape, dtype }]) => [
            field,
            buffers.get(`batch${size}.${field}`, shape, dtype),
          ]),
        ),
      );
      await pass.run(seed, start / batchSize);
      const weight = weighting === 'examples' ? size : 1;
      total += weight;
      for (const { name, data: mean } of means) {
        const latest = (buffers.find(`statistics.${name}`) as Buffer).data;
        for (let i = 0; i < mean.length; i++) mean[i] += ((latest[i] - mean[i]) * weight) / total;
      }
    }
    return Object.fromEntries(means.map(({ name, ...statistic }) => [name, statistic]));
  } finally {
    buffers.release();
  }
}

/** The statistics of one batch, as outputs 'statistics.<name>'. */
function statisticsOf(task: Task, batch: Batch): Program {
  const params = Object.fromEntries(
    Object.entries(task.parameters).map(([name, { shape }]) => [name, parameter(`params.${name}`, shape)]),
  );
  const old = Object.fromEntries(
    Object.entries(task.buffers).map(([name, { shape }]) => [name, parameter(`old.${name}`, shape)]),
  );
  const updates: Record<string, Tensor> = {};
  const context: ModelContext = {
    training: true,
    random: new RandomStreams('model0'),
    buffers: old,
    setBuffer: (name, value) => {
      updates[name] = value;
    },
  };
  lossOf(task, { params, batch, context });
  const names = Object.keys(old);
  const silent = names.find((name) => !(name in updates));
  if (silent !== undefined) throw new TypeError(`task '${task.id}': its model does not set '${silent}' in training`);
  const symbols = Object.values(old);
  const next = names.map((name) => updates[name]);
  const kept = tangentsOf(
    next,
    symbols,
    symbols.map(({ shape }) => ones(shape)),
  );
  const fresh = substitute(next, new Map(symbols.map((symbol) => [symbol, zeros(symbol.shape)])));
  return programOf(
    Object.fromEntries(names.map((name, i) => [`statistics.${name}`, fresh[i].div(kept[i].neg().add(1))])),
  );
}
