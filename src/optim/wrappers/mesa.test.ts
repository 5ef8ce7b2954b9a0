import { describe, expect, test } from 'vitest';
import { batchNormalization, dense, dropoutLayer, meanCrossEntropy, sequential } from '../../nn/index.ts';
import { createRuntime } from '../../runtime/runtime.ts';
import { defineTask } from '../../tasks/define.ts';
import { Bundle } from '../../tensor/bundle.ts';
import { distillation } from '../../tensor/distillation.ts';
import { constant, parameter } from '../../tensor/functions.ts';
import { topological } from '../../tensor/graph.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { gradients } from '../../tensor/transforms.ts';
import { expectClose } from '../../testing/close.ts';
import { compute } from '../../testing/compute.ts';
import { type LossPoint, type Setup, trajectory } from '../../testing/trajectory.ts';
import { layoutOf, trainingObjective } from '../../train/objective.ts';
import { train } from '../../train/train.ts';
import { adahessian } from '../curvature/adahessian.ts';
import { sgd } from '../first-order/sgd.ts';
import type { Optimizer } from '../optimizer.ts';
import { createOracle, OracleError } from '../oracle.ts';
import { clipByGlobalNorm } from './clip.ts';
import { paramGroups } from './groups.ts';
import { mesa } from './mesa.ts';
import { sam } from './sam.ts';
import { weightConditioning } from './weight-conditioning.ts';
import { xgrad } from './xgrad.ts';

// Softmax regression: four examples, three inputs, three classes.
const rows = [[1, 0.5, -1], [0.2, -1, 0.3], [-0.7, 0.1, 1.5], [0.4, 2, 0.6]]; // biome-ignore format: a matrix
const classes = [0, 2, 1, 1];
const X = constant(rows, { dtype: 'float64' });
const labels = constant(classes, { dtype: 'int32' });
const start = {
  W: { shape: [3, 3], values: [0.1, -0.4, 0.2, 0.5, 0.3, -0.2, -0.6, 0.1, 0.7], role: 'matrix' },
} as const;
const logits = ({ w }: Pick<LossPoint, 'w'>) => X.matmul(w.leaf('W').cast('float64'), { transposeB: true });
const setup: Setup = { w0: start, loss: (point) => meanCrossEntropy(logits(point), labels), logits, steps: 4 };

describe('distillation', () => {
  const z = { shape: [1, 3], values: [2, -1, 0.5] };
  const reference = { shape: [1, 3], values: [1, 0, 0] };

  test('golden: value, loss term and gradient', () => {
    const term = compute((a, b) => distillation(a, b, 5), z, reference);
    expectClose([term[0] / 25, 0.3 * term[0]], [0.0137851527593, 0.103388645695]);
    const gradient = compute((a, b) => gradients(distillation(a, b, 5).mul(0.3), [a])[0], z, reference);
    expectClose(gradient, [0.0863990457252, -0.106093941371, 0.0196948956455]);
  });

  test('the mean over all rows; 0 at the reference itself, also where a probability underflows', () => {
    const rows = { shape: [2, 1, 3], values: [2, -1, 0.5, 1, 0, 0] };
    const references = { shape: [2, 1, 3], values: [1, 0, 0, 1, 0, 0] };
    const [single] = compute((a, b) => distillation(a, b), z, reference);
    expectClose(
      compute((a, b) => distillation(a, b), rows, references),
      [single / 2],
    );
    const far = { shape: [3], values: [1e4, 0, -1e4] };
    expect(compute((a, b) => distillation(a, b), far, far)).toEqual([0]);
  });

  test('no derivative passes to the reference', () => {
    expect(compute((a, b) => gradients(distillation(a, b), [b])[0], z, reference)).toEqual([0, 0, 0]);
  });

  test('refuses other shapes', () => {
    expect(() => distillation(constant([1, 2]), constant([[1, 2]]))).toThrow('[2] and [1, 2]');
  });
});

describe('mesa', () => {
  const values = { mesaLambda: 0.8, mesaTau: 2, mesaDecay: 0.5, mesaStart: 0 };

  const softmax = (z: readonly number[]): number[] => {
    const e = z.map(Math.exp);
    const total = e.reduce((a, b) => a + b, 0);
    return e.map((x) => x / total);
  };
  /** The gradient of L' in W, row by row, from the average. */
  const gradientAt = (W: readonly number[], average: readonly number[]): number[] => {
    const g = Array<number>(9).fill(0);
    const { mesaLambda, mesaTau: tau } = values;
    rows.forEach((x, n) => {
      const z = (V: readonly number[]) => [0, 1, 2].map((c) => x.reduce((sum, xi, i) => sum + V[3 * c + i] * xi, 0));
      const [p, soft, wanted] = [softmax(z(W)), ...[W, average].map((V) => softmax(z(V).map((value) => value / tau)))];
      p.forEach((pc, c) => {
        const slope = pc - (classes[n] === c ? 1 : 0) + mesaLambda * tau * (soft[c] - wanted[c]);
        x.forEach((xi, i) => {
          g[3 * c + i] += (slope * xi) / rows.length;
        });
      });
    });
    return g;
  };

  test('follows the rule written out in numbers', async () => {
    const { w, state } = await trajectory(mesa(sgd({ lr: 0.3 }), values), setup);
    let now: number[] = [...start.W.values];
    let average = now;
    for (let t = 0; t < 4; t++) {
      const g = gradientAt(now, average);
      now = now.map((x, i) => x - 0.3 * g[i]);
      average = average.map((x, i) => 0.5 * x + 0.5 * now[i]);
      expectClose(w[t], now, { relative: 1e-12 });
      expectClose(state[t + 1]['state.own.average'], average, { relative: 1e-12 });
    }
  });

  test('one float of state, one gradient and one forward pass a step', async () => {
    const { calls, statePerParameter } = await trajectory(mesa(sgd()), setup);
    expect(calls[0]).toEqual({ loss: 1, gradient: 1, hessianVector: 0, perExample: 0 });
    expect(statePerParameter).toBe(1);
  });

  test('before mesaStart and from mesaEnd on it is the base', async () => {
    const plain = await trajectory(sgd({ lr: 0.3 }), setup);
    const late = await trajectory(mesa(sgd({ lr: 0.3 }), { ...values, mesaStart: 3 }), setup);
    expectClose(late.w.slice(0, 3), plain.w.slice(0, 3), { relative: 1e-14 });
    expect(late.w[3]).not.toEqual(plain.w[3]);
    const short = await trajectory(mesa(sgd({ lr: 0.3 }), { ...values, mesaEnd: 1 }), setup);
    expectClose(short.w, plain.w, { relative: 1e-14 });
  });

  // The whole loss of L', of which the base may ask anything.
  const written = ({ w }: LossPoint) => {
    const reference = logits({ w: w.map(() => constant([...start.W.values], { dtype: 'float64' })) });
    return meanCrossEntropy(logits({ w }), labels).add(distillation(logits({ w }), reference, 2).mul(0.8));
  };

  test.each([
    ['curvature', adahessian({ lr: 0.1 })],
    ['a perturbed gradient', sam(sgd({ lr: 0.3 }), { rho: 0.3 })],
    ['a clipped gradient', clipByGlobalNorm(sgd({ lr: 0.3 }), { maxNorm: 0.01 })],
  ])('with the average held it is the base on the loss written out: a base that asks for %s', async (_, base) => {
    const held = mesa(base, { ...values, mesaDecay: 1 - 2 ** -53 });
    const within = await trajectory(held, setup);
    const direct = await trajectory(base, { ...setup, loss: written });
    expectClose(within.w, direct.w, { relative: 1e-11 });
  });

  test.each([
    ['sam', (base: Optimizer) => sam(base, { rho: 0.3 })],
    ['clip', (base: Optimizer) => clipByGlobalNorm(base, { maxNorm: 0.01 })],
    ['weight-conditioning', (base: Optimizer) => weightConditioning(base)],
    ['xgrad', (base: Optimizer) => xgrad(base)],
    ['groups', (base: Optimizer) => paramGroups([{ name: 'all', takes: () => true, optimizer: base }])],
  ])('within %s the term is transformed as the loss is', async (_, wrap) => {
    const weightless = await trajectory(wrap(mesa(sgd({ lr: 0.3 }), { ...values, mesaLambda: 0 })), setup);
    const plain = await trajectory(wrap(sgd({ lr: 0.3 })), setup);
    expectClose(weightless.w, plain.w, { relative: 1e-13 });
    const full = await trajectory(wrap(mesa(sgd({ lr: 0.3 }), values)), setup);
    expect(full.w[3]).not.toEqual(plain.w[3]);
  });

  const data = {
    x: { data: Float32Array.from({ length: 60 }, (_, i) => Math.cos(i * i)), shape: [2] },
    y: { data: Int32Array.from({ length: 30 }, (_, i) => i % 3) },
  };
  const runtime = createRuntime({ engine: 'reference' });
  const definition = {
    id: 'three-classes',
    model: sequential({ fc: dense(2, 8), drop: dropoutLayer(0.5), norm: batchNormalization(8), out: dense(8, 3) }),
    data,
    loss: (z: Tensor, { y }: Readonly<Record<string, Tensor>>) => meanCrossEntropy(z, y),
    batchSize: 8,
  };

  test('on a task with dropout and batch norm: the average is read as an evaluation reads it', async () => {
    const task = defineTask({ ...definition, labels: 'y' });
    const { cost, status } = await train({ task, optimizer: mesa(sgd({ lr: 0.1 }), values), steps: 6, runtime });
    expect(status).toBe('finished');
    expect(cost.calls).toMatchObject({ loss: 6, gradient: 6 });
    // One set of dropout masks: that of the trained pass.
    const objective = trainingObjective(
      task,
      { x: { shape: [2], dtype: 'float32' }, y: { shape: [], dtype: 'int32' } },
      8,
    );
    const w = Bundle.fromFlat(layoutOf(task), parameter('w', [layoutOf(task).size]));
    const { oracle } = createOracle(objective);
    const term = oracle.withTerm((z, at) => distillation(z, at(w), 2));
    const nodes = topological([term.grad(w).flat]);
    expect(nodes.filter((node) => node.is('random'))).toHaveLength(1);
  });

  test('a task that does not name its labels cannot be asked', async () => {
    const run = train({ task: defineTask(definition), optimizer: mesa(sgd()), steps: 1, runtime });
    await expect(run).rejects.toThrow(OracleError);
    await expect(run).rejects.toThrow("'labels' of defineTask");
  });
});
