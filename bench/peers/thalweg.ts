import { meanCrossEntropy, mlp } from '../../src/nn/index.ts';
import type { Optimizer } from '../../src/optim/index.ts';
import { traceInit, traceStep } from '../../src/optim/step-program.ts';
import { createRuntime, type RuntimeOptions } from '../../src/runtime/runtime.ts';
import { Layout } from '../../src/tensor/bundle.ts';
import { parameter } from '../../src/tensor/functions.ts';
import { RandomStreams } from '../../src/tensor/random.ts';
import { bindProgram } from '../../src/train/bound-program.ts';
import { Buffers } from '../../src/train/buffers.ts';
import { type Contender, type MlpData, transposed } from '../data.ts';

const context = { training: true, random: new RandomStreams('bench'), buffers: {}, setBuffer: () => {} };

/** Thalweg: forward, backward and the optimizer's update as the trainer runs them. */
export async function thalwegMlp(data: MlpData, optimizer: Optimizer, options: RuntimeOptions): Promise<Contender> {
  const { sizes, batch, weights, x, labels } = data;
  const model = mlp(sizes);
  const specs = Object.entries(model.parameters);
  const layout = new Layout(specs.map(([name, { shape, role }]) => ({ name, shape, role })));
  const runtime = createRuntime(options);
  const buffers = new Buffers(runtime);
  const symbols = {
    x: parameter('x', [batch, sizes[0]]),
    labels: parameter('labels', [batch], 'int32'),
  };
  const objective = {
    batch: () => symbols,
    loss: (w: { toRecord(): Record<string, ReturnType<typeof parameter>> }) =>
      meanCrossEntropy(model.apply(w.toRecord(), symbols.x, context), symbols.labels),
  };
  setHypers(buffers, optimizer);
  const step = await bindProgram(
    traceStep(optimizer, layout, () => objective as never, 1),
    runtime,
    buffers,
  );
  const init = traceInit(optimizer, layout);
  if (init.outputs.length > 0) await (await bindProgram(init, runtime, buffers)).run(0, 0);
  buffers.get('x', [batch, sizes[0]], 'float32').data.set(x);
  buffers.get('labels', [batch], 'int32').data.set(labels);
  const w = buffers.get('w', [layout.size], 'float32').data;
  weights.forEach((matrix, i) => {
    const leaf = layout.leaves[layout.index(`fc${i + 1}.weight`)];
    w.set(transposed(matrix, sizes[i], sizes[i + 1]), leaf.offset);
  });
  let t = 0;
  return {
    peer: `Thalweg (${options.engine ?? 'auto'})`,
    step() {
      buffers.get('t', [], 'float64').data[0] = ++t;
      return step.run(0, t);
    },
    loss: () => buffers.find('loss')?.data[0] ?? Number.NaN,
  };
}

function setHypers(buffers: Buffers, optimizer: Optimizer): void {
  for (const [name, { kind }] of Object.entries(optimizer.spec)) {
    if (kind === 'number' || kind === 'optional') {
      buffers.get(`hyper.${name}`, [], 'float64').data[0] = optimizer.values[name] as number;
    }
  }
}

/** The update alone, over flat buffers of n parameters; the gradient is given. */
export async function thalwegUpdate(optimizer: Optimizer, n: number, gradient: Float32Array): Promise<Contender> {
  const layout = new Layout([{ name: 'w', shape: [n], role: 'other' }]);
  const runtime = createRuntime();
  const buffers = new Buffers(runtime);
  const g = parameter('g', [n]);
  setHypers(buffers, optimizer);
  // A loss that is linear in w has the given gradient everywhere.
  const objective = { batch: () => ({}), loss: (w: { flat: typeof g }) => w.flat.dot(g) };
  const step = await bindProgram(dropLoss(traceStep(optimizer, layout, () => objective as never, 1)), runtime, buffers);
  const init = traceInit(optimizer, layout);
  if (init.outputs.length > 0) await (await bindProgram(init, runtime, buffers)).run(0, 0);
  buffers.get('g', [n], 'float32').data.set(gradient);
  let t = 0;
  return {
    peer: 'Thalweg (auto)',
    step() {
      buffers.get('t', [], 'float64').data[0] = ++t;
      return step.run(0, t);
    },
  };
}

/** The same program without its loss output, which an update alone has no use for. */
function dropLoss<P extends ReturnType<typeof traceStep>>(program: P): P {
  const keep = program.outputs.flatMap((name, i) => (name === 'loss' ? [] : [i]));
  return {
    ...program,
    outputs: keep.map((i) => program.outputs[i]),
    graph: { ...program.graph, outputs: keep.map((i) => program.graph.outputs[i]) },
  };
}
