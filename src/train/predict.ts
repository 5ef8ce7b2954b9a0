import { type ArrayField, arrayDataset } from '../data/array-dataset.ts';
import { fillBatch } from '../data/fill-batch.ts';
import type { Model, Tensors } from '../nn/model.ts';
import { programOf } from '../optim/step-program.ts';
import type { Buffer } from '../runtime/engine.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { parameter } from '../tensor/functions.ts';
import { RandomStreams } from '../tensor/random.ts';
import { type Shape, sizeOf } from '../tensor/shape.ts';
import { bindProgram } from './bound-program.ts';
import { Buffers } from './buffers.ts';
import type { TrainResult } from './options.ts';
import { defaultRuntime } from './train.ts';

export interface PredictOptions {
  /** The model that was trained. */
  readonly model: Model;
  /** What training gave: parameters and running statistics. */
  readonly result: Pick<TrainResult, 'parameters' | 'buffers'>;
  /** The inputs, one example after the other, and the shape of one. */
  readonly x: ArrayField;
  /** Default: the process-wide runtime. */
  readonly runtime?: Runtime;
}

/** Examples in one call of the compiled model. */
const atOnce = 256;

/** The outputs of a trained model, one example after the other: shape [examples, ...]. */
export async function predict(options: PredictOptions): Promise<{ shape: Shape; data: Float64Array }> {
  const { model, result, x, runtime = defaultRuntime() } = options;
  const data = arrayDataset({ x });
  const buffers = new Buffers(runtime);
  const kept = (prefix: string, tensors: TrainResult['parameters']): Tensors =>
    Object.fromEntries(
      Object.entries(tensors).map(([name, { shape, data: numbers }]) => {
        buffers.get(`${prefix}.${name}`, shape, 'float32').data.set(numbers);
        return [name, parameter(`${prefix}.${name}`, shape)];
      }),
    );
  try {
    const [params, statistics] = [kept('params', result.parameters), kept('model', result.buffers)];
    let out: { shape: Shape; data: Float64Array } | undefined;
    for (let start = 0; start < data.size; start += atOnce) {
      const size = Math.min(atOnce, data.size - start);
      const { shape, dtype } = data.fields.x;
      const input = parameter(`x${size}`, [size, ...shape], dtype);
      const random = new RandomStreams('predict');
      const context = { training: false, random, buffers: statistics, setBuffer: () => {} };
      const output = model.apply(params, input, context);
      const bound = await bindProgram(programOf({ [`y${size}`]: output }), runtime, buffers);
      const given = buffers.get(`x${size}`, input.shape, dtype);
      fillBatch(
        data,
        Int32Array.from({ length: size }, (_, i) => start + i),
        { x: given },
      );
      await bound.run(0, 0);
      const row = output.shape.slice(1);
      out ??= { shape: [data.size, ...row], data: new Float64Array(data.size * sizeOf(row)) };
      out.data.set((buffers.find(`y${size}`) as Buffer).data, start * sizeOf(row));
    }
    return out ?? { shape: [0], data: new Float64Array(0) };
  } finally {
    buffers.release();
  }
}
