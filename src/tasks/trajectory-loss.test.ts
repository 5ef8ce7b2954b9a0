import { describe, expect, test } from 'vitest';
import { meanCrossEntropy } from '../nn/losses.ts';
import { mlp } from '../nn/mlp.ts';
import type { Model } from '../nn/model.ts';
import { sgd } from '../optim/first-order/sgd.ts';
import { sam } from '../optim/wrappers/sam.ts';
import { createRuntime } from '../runtime/runtime.ts';
import { parameter } from '../tensor/functions.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { gradients } from '../tensor/transforms.ts';
import { expectClose } from '../testing/close.ts';
import { evaluateSeeded, testContext } from '../testing/evaluate-model.ts';
import { train } from '../train/train.ts';
import { defineTask } from './define.ts';
import { withTrajectoryLoss } from './trajectory-loss.ts';

const arrays = {
  x: { data: Float32Array.from({ length: 40 }, (_, i) => Math.cos(i * i)), shape: [2] },
  y: { data: Int32Array.from({ length: 20 }, (_, i) => i % 3) },
};
const taskOf = (model: Model, labels?: string) =>
  defineTask({ id: 'own', model, data: arrays, batchSize: 4, loss: (z, { y }) => meanCrossEntropy(z, y), labels });

/** A model whose logits are its parameters: two examples, three classes. */
const logitsAlone: Model = {
  parameters: { z: { shape: [2, 3], role: 'other', init: { kind: 'constant', value: 0 } } },
  buffers: {},
  apply: ({ z }) => z,
};

describe('a loss that stays near the logits of earlier epochs', () => {
  const options = { examples: 4, logits: [3], epochs: 2, lambda: 0.3, tau: 5, start: 2 };
  const z = parameter('z', [2, 3], 'float64');
  const [table, visits] = [parameter('table', [8, 3], 'float64'), parameter('visits', [4], 'float64')];
  const batch = {
    x: parameter('x', [2, 2], 'float64'),
    y: parameter('y', [2], 'int32'),
    trajectoryIndex: parameter('i', [2], 'int32'),
  };
  /** Examples 3 and 1 of four, after so many visits; the row of example i and slot s holds i, s, 0. */
  const pass = (done: readonly number[], { training = true } = {}) => {
    const saf = withTrajectoryLoss(taskOf(logitsAlone, 'y'), options);
    const context = testContext(training, { 'trajectory.logits': table, 'trajectory.visits': visits });
    const [plain, loss] = [taskOf(logitsAlone), saf].map((task) => task.loss({ params: { z }, batch, context }));
    const { written } = context;
    const known = new Map<Tensor, readonly number[]>([
      [z, [2, -1, 0.5, 1, 0, 0]],
      [table, Array.from({ length: 8 }, (_, row) => [Math.floor(row / 2), row % 2, 0]).flat()],
      [visits, done],
      [batch.y, [0, 2]],
      [batch.trajectoryIndex, [3, 1]],
    ]);
    const outputs = [loss.sub(plain), ...Object.values(written)];
    return { names: Object.keys(written), numbers: evaluateSeeded(outputs, known).map(({ data }) => [...data]) };
  };

  test('golden: the term and its derivative', () => {
    const golden = { ...options, examples: 2, epochs: 1, start: 0 };
    const saf = withTrajectoryLoss(taskOf(logitsAlone, 'y'), golden);
    const held = [parameter('table', [2, 3], 'float64'), parameter('visits', [2], 'float64')];
    const context = testContext(true, { 'trajectory.logits': held[0], 'trajectory.visits': held[1] });
    const term = saf
      .loss({ params: { z }, batch, context })
      .sub(taskOf(logitsAlone).loss({ params: { z }, batch, context }));
    const known = new Map<Tensor, readonly number[]>([
      [z, [2, -1, 0.5, 2, -1, 0.5]],
      [held[0], [1, 0, 0, 1, 0, 0]],
      [held[1], [1, 1]],
      [batch.y, [0, 2]],
      [batch.trajectoryIndex, [0, 1]],
    ]);
    const [value, gradient] = evaluateSeeded([term, ...gradients(term, [z])], known).map(({ data }) => [...data]);
    expectClose(value, [0.103388645695]);
    expectClose(
      gradient.slice(0, 3).map((g) => 2 * g),
      [0.0863990457252, -0.106093941371, 0.0196948956455],
    );
  });

  test('examples are inactive until `start` epochs are over and theirs are known', () => {
    const at = (done: number[]) => pass(done).numbers[0][0];
    expect(at([9, 0, 9, 0])).toBe(0);
    expect(at([9, 2, 9, 2])).toBe(0);
    const third = at([9, 0, 9, 3]);
    expect(third).toBeGreaterThan(0);
    expectClose([at([9, 3, 9, 0]) + third], [at([9, 3, 9, 3])]);
  });

  test('the logits of this pass take the place of the oldest, in the row of their example', () => {
    const { names, numbers } = pass([5, 2, 5, 3]);
    expect(names).toEqual(['trajectory.logits', 'trajectory.visits']);
    const rows = Array.from({ length: 8 }, (_, row) => [Math.floor(row / 2), row % 2, 0]);
    rows[3 * 2 + 1] = [2, -1, 0.5];
    rows[1 * 2 + 0] = [1, 0, 0];
    expect(numbers.slice(1)).toEqual([rows.flat(), [5, 3, 5, 4]]);
  });

  test('an evaluation is of the loss alone and stores nothing', () => {
    expect(pass([9, 9, 9, 9], { training: false })).toEqual({ names: [], numbers: [[0]] });
  });

  const runtime = createRuntime({ engine: 'reference' });
  test.each([
    ['sgd', sgd({ lr: 0.5 })],
    ['sam, whose second pass stores nothing', sam(sgd({ lr: 0.5 }), { rho: 0.1 })],
  ])('in a run of %s: plain epochs first, then the term', async (_, optimizer) => {
    const plain = taskOf(mlp([2, 8, 3]), 'y');
    const saf = withTrajectoryLoss(plain, { examples: 16, logits: [3], epochs: 1, lambda: 3, start: 1 });
    // Four steps an epoch; epochs 0 and 1 are plain.
    const setup = { optimizer, steps: 16, seed: 3, runtime };
    const [without, within] = await Promise.all([train({ task: plain, ...setup }), train({ task: saf, ...setup })]);
    const losses = ({ trainLoss }: typeof within) => trainLoss.map(({ loss }) => loss);
    expectClose(losses(within).slice(0, 8), losses(without).slice(0, 8), { relative: 1e-12 });
    expect(losses(within)[9]).toBeGreaterThan(losses(without)[9]);
    expect(within.cost.calls).toEqual(without.cost.calls);
  });

  test('refuses what it cannot do', async () => {
    const given = { examples: 16, logits: [3] };
    expect(() => withTrajectoryLoss(taskOf(mlp([2, 3])), given)).toThrow("'labels' of defineTask");
    expect(() => withTrajectoryLoss(taskOf(mlp([2, 3]), 'y'), { ...given, epochs: 0 })).toThrow(
      'epochs is 0; it must be',
    );
    expect(() => withTrajectoryLoss(taskOf(mlp([2, 3]), 'y'), { ...given, tau: 0 })).toThrow(
      'tau is 0; it must lie in',
    );
    const wrong = withTrajectoryLoss(taskOf(mlp([2, 3]), 'y'), { ...given, examples: 15 });
    await expect(wrong.data()).rejects.toThrow('examples is 15; the training set has 16');
  });
});
