import { describe, expect, it } from 'vitest';
import { arrayDataset, split } from '../src/data/index.ts';
import { activation, dense, meanCrossEntropy, sequential } from '../src/nn/index.ts';
import {
  type AnyOptimizer,
  distributedShampoo,
  galoreAdam,
  getOptimizer,
  lbfgs,
  methods,
  sam,
  sgd,
  soap,
} from '../src/optim/index.ts';
import { traceStep } from '../src/optim/step-program.ts';
import { partition } from '../src/runtime/auto/partition.ts';
import type { EngineName } from '../src/runtime/engine.ts';
import { fillRandom } from '../src/runtime/random.ts';
import { createRuntime } from '../src/runtime/runtime.ts';
import { simplify } from '../src/runtime/simplify.ts';
import type { Task } from '../src/tasks/task.ts';
import type { OpName } from '../src/tensor/attrs.ts';
import { conv2d, eigh, full, maxPool, orthonormalize, parameter, where } from '../src/tensor/functions.ts';
import type { Tensor } from '../src/tensor/tensor.ts';
import { gradients } from '../src/tensor/transforms.ts';
import { brisk, needEigh } from '../src/testing/brisk.ts';
import { train } from '../src/train/index.ts';
import { layoutOf, trainingObjective } from '../src/train/objective.ts';

// Every method as the trainer runs it, on every native engine against the reference. The model is large enough for `auto` to use
// ONNX Runtime and wasm together.

const inputs = 48;
const batchSize = 192;

function task(): Task {
  const size = 400;
  const x = new Float32Array(size * inputs);
  fillRandom(x, 'normal', { seed: 1, stream: 'x', step: 0 });
  const y = Int32Array.from({ length: size }, (_, i) => (x[i * inputs] > 0 ? 1 : 0) + (x[i * inputs + 1] > 0 ? 2 : 0));
  const model = sequential({
    fc1: dense(inputs, 64),
    act: activation('tanh'),
    fc2: dense(64, 32),
    act2: activation('tanh'),
    fc3: dense(32, 4, { role: 'head' }),
  });
  return {
    id: 'four-quadrants',
    summary: '',
    parameters: model.parameters,
    buffers: model.buffers,
    loss: ({ params, batch, context }) => meanCrossEntropy(model.apply(params, batch.x, context), batch.y),
    data: async () => split(arrayDataset({ x: { data: x, shape: [inputs] }, y: { data: y } })),
    batchSize,
    steps: 5,
    target: { metric: 'loss', value: 0.1 },
  };
}

const flat = (parameters: Awaited<ReturnType<typeof train>>['parameters']): number[] =>
  Object.values(parameters).flatMap(({ data }) => [...data]);

const norm = (values: readonly number[]): number => Math.hypot(...values);

const final = async (optimizer: AnyOptimizer, engine: EngineName): Promise<number[]> => {
  const runtime = createRuntime({ engine, threads: 1 });
  return flat((await train({ task: task(), optimizer, runtime, seed: 3 })).parameters);
};

const optimizers: Record<string, AnyOptimizer> = Object.fromEntries([
  ...methods.map(({ id }) => [id, getOptimizer(id, brisk[id])]),
  // A subspace of full rank, a long line search, roots or the null space of singular matrices would amplify rounding errors.
  ['galore-adam', galoreAdam({ rank: 4 })],
  ['distributed-shampoo', distributedShampoo({ refresh: 2, eps: 1e-3 })],
  ['soap', soap({ refresh: 2, eps: 0.3 })],
  ['lbfgs', lbfgs({ maxIter: 2 })],
  ['sam(sgd)', sam(sgd({ lr: 0.1 }))],
]);

/** Parameters after steps of no length. */
const unmoved = final(sgd({ lr: 1e-30 }), 'reference');
const references = new Map<AnyOptimizer, Promise<number[]>>();
const onReference = (optimizer: AnyOptimizer): Promise<number[]> => {
  const found = references.get(optimizer) ?? final(optimizer, 'reference');
  references.set(optimizer, found);
  return found;
};

describe.each(Object.keys(optimizers))('%s', (id) => {
  const optimizer = optimizers[id];
  it.each(['onnx', 'wasm', 'auto'] as const)('moves on %s as on the reference', async (engine) => {
    if (engine === 'onnx' && needEigh.includes(id)) {
      await expect(final(optimizer, engine)).rejects.toThrow('eigh');
      return;
    }
    const w0 = await unmoved;
    const reference = await onReference(optimizer);
    const found = await final(optimizer, engine);
    const moved = norm(reference.map((x, i) => x - w0[i]));
    expect(moved).toBeGreaterThan(0);
    // A sign that flips where the gradient is a rounding error moves one weight, so the test is on the norm of the difference.
    expect(norm(reference.map((x, i) => x - found[i])) / moved).toBeLessThan(1e-3);
  });
});

describe('the partition of a training step', () => {
  const steps = (optimizer: AnyOptimizer): string[] => {
    if (optimizer.kind === 'driven') return [];
    const subject = task();
    const fields = { x: { shape: [inputs], dtype: 'float32' as const }, y: { shape: [], dtype: 'int32' as const } };
    const { graph } = traceStep(optimizer, layoutOf(subject), () => trainingObjective(subject, fields, batchSize), 1);
    const { stages } = partition(simplify(graph), () => false);
    return stages.flatMap((nodes, stage) => (nodes.length > 0 ? [stage % 2 === 1 ? 'onnx' : 'wasm'] : []));
  };

  it('is one call of ONNX Runtime and one of wasm for a first-order method', () => {
    expect(steps(optimizers.adamw)).toEqual(['onnx', 'wasm']);
    expect(steps(optimizers.lion)).toEqual(['onnx', 'wasm']);
  });

  it('is two of each for SAM: gradient, perturbation, gradient, update', () => {
    expect(steps(optimizers['sam(sgd)'])).toEqual(['onnx', 'wasm', 'onnx', 'wasm']);
  });

  const x = parameter('x', [64, 16, 32, 32]);
  const engines = (outputs: Tensor[]): string[] =>
    partition({ inputs: [x], outputs }, () => false).stages.flatMap((nodes, stage) =>
      nodes.length > 0 ? [stage % 2 === 1 ? 'onnx' : 'wasm'] : [],
    );
  const kernel = parameter('kernel', [16, 16, 3, 3]);
  const conv = (of: Tensor): Tensor => conv2d(of, kernel, { padding: 1 });

  it('gives large batch norms between convolutions to wasm', () => {
    const centred = (y: Tensor): Tensor => y.sub(y.mean([0, 2, 3], { keepDims: true }));
    const normed = (y: Tensor): Tensor =>
      centred(y).div(centred(y).square().mean([0, 2, 3], { keepDims: true }).sqrt());
    expect(engines([conv(normed(conv(x)).relu())])).toEqual(['onnx', 'wasm', 'onnx']);
  });

  it('gives large attention weights to wasm where a mask makes many of them 0', () => {
    const [queries, past] = [parameter('queries', [64, 64, 32]), parameter('past', [64, 64], 'bool')];
    const scores = queries.matmul(queries, { transposeB: true }).mul(0.2);
    const attended = (weights: Tensor): Tensor => weights.matmul(queries);
    expect(engines([attended(scores.add(where(past, 0, full([], -1e9))).softmax())])).toEqual(['onnx', 'wasm', 'onnx']);
    expect(engines([attended(scores.add(parameter('b', [64])).softmax())])).toEqual(['onnx']);
  });

  it('finds places of maxima, and the gradient of the first kernel, in wasm', () => {
    const image = parameter('image', [64, 1, 28, 28]);
    const [first, second] = [parameter('first', [6, 1, 5, 5]), parameter('second', [16, 6, 5, 5])];
    const layer = (of: Tensor, kernel: Tensor): Tensor => maxPool(conv2d(of, kernel).relu(), 2);
    const loss = layer(layer(image, first), second).square().sum();
    const { stages } = partition(simplify({ inputs: [], outputs: gradients(loss, [first, second]) }), () => false);
    const placed = (wasm: boolean): OpName[] =>
      stages.flatMap((nodes, stage) => ((stage % 2 === 0) === wasm ? nodes.map(({ op }) => op) : []));
    // ReLU's derivative goes with the scattering.
    const of = (op: OpName): number => placed(true).filter((other) => other === op).length;
    expect([of('maxPoolScatter'), of('where'), of('conv2dKernelGrad')]).toEqual([2, 2, 1]);
    expect(placed(false).filter((op) => op === 'maxPool' || op === 'conv2dKernelGrad')).toHaveLength(3);
  });

  it('leaves element-wise work on a decomposition with it, so that only products go back to ONNX Runtime', () => {
    const matrix = parameter('matrix', [256, 256]);
    const { values, vectors } = eigh(matrix.matmul(matrix, { transposeB: true }));
    const root = vectors.mul(values.add(1).pow(-0.25)).matmul(vectors, { transposeB: true });
    const { stages } = partition(simplify({ inputs: [matrix], outputs: [root] }), () => false);
    expect(stages.map((nodes) => nodes.some(({ op }) => op !== 'matmul'))).toEqual([false, false, true, false]);
  });

  it('has what reads an output wait for it, though neither depends on an input', () => {
    const y = full([2, 2], 0.5).sqrt();
    const q = orthonormalize(y.tanh());
    const { stageOf } = partition({ inputs: [], outputs: [y, q] }, () => false);
    expect(stageOf.get(q)).toBeGreaterThan(stageOf.get(y) as number);
  });

  it('leaves a small region, and what ONNX Runtime has itself, where their inputs are made', () => {
    expect(engines([conv(x).sum([1, 2, 3]).exp().add(1)])).toEqual(['onnx']);
    const a = parameter('a', [256, 256]);
    expect(
      engines([
        a
          .matmul(a, { transposeA: true })
          .add(parameter('b', [256]))
          .relu(),
      ]),
    ).toEqual(['onnx']);
  });
});
