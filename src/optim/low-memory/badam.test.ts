import { describe, expect, test } from 'vitest';
import { Layout } from '../../tensor/bundle.ts';
import { constant } from '../../tensor/functions.ts';
import { topological } from '../../tensor/graph.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, type LossPoint, type Start, trajectory, w0 } from '../../testing/trajectory.ts';
import { adamw } from '../adaptive/adamw.ts';
import { getOptimizer } from '../registry.ts';
import { traceStep } from '../step-program.ts';
import { lookahead } from '../wrappers/lookahead.ts';
import { sequenceOf } from './active-block.ts';
import { badam } from './badam.ts';

const halves = { a: { shape: [2], values: w0.slice(0, 2) }, b: { shape: [2], values: w0.slice(2) } };
const setup = { w0: halves, loss: commonLoss, steps: 3 };
const steps = { ...setup, steps: 9 };

/** Which tensors of one element each moved, at every step. */
const moved = (w: readonly (readonly number[])[]) =>
  w.slice(1).map((after, i) => after.flatMap((x, j) => (x === w[i][j] ? [] : [j])));
const singles = (names: readonly string[]): Record<string, Start> =>
  Object.fromEntries(names.map((name, i) => [name, { shape: [1], values: [i + 1] }]));
const bowl = ({ w }: LossPoint) => w.flat.square().sum();
const movedBy = async (values: Parameters<typeof badam>[0], names: readonly string[], count: number) => {
  const { w } = await trajectory(badam(values), { w0: singles(names), loss: bowl, steps: count });
  return moved([names.map((_, i) => i + 1), ...w]);
};

describe('badam', () => {
  test('golden: the last block first', async () => {
    const { w, statePerParameter } = await trajectory(badam({ lr: 0.1, period: 2 }), setup);
    const expected =
      '1, -2, 2.9000000006, 0.400000029517 | 1, -2, 2.80121447977, 0.319736699391 | 0.900000002494, -1.90000000125, 2.80121447977, 0.319736699391';
    expectClose(w, golden(expected));
    expect(statePerParameter).toBe(1); // 2 floats for each of 2 of 4 parameters
  });

  test('one block is AdamW that forgets at every turn', async () => {
    const one = { ...setup, w0 };
    const values = { lr: 0.1, weightDecay: 0.1 };
    expectClose((await trajectory(badam(values), one)).w, (await trajectory(adamw(values), one)).w, {
      relative: 1e-14,
    });
    const turns = await trajectory(badam({ lr: 0.1, eps: 0, period: 1 }), one);
    turns.w.forEach((now, i) => {
      expectClose(now.map((x, j) => Math.abs(x - (turns.w[i - 1] ?? w0)[j])), Array(4).fill(0.1), { relative: 1e-12 }); // biome-ignore format: one line
    });
  });

  test('turns have `period` steps each, in the order asked for', async () => {
    const names = ['x', 'y', 'z'];
    expect(await movedBy({ period: 2 }, names, 7)).toEqual([[2], [2], [1], [1], [0], [0], [2]]);
    expect(await movedBy({ period: 2, order: 'ascending' }, names, 7)).toEqual([[0], [0], [1], [1], [2], [2], [0]]);
    const random = (await movedBy({ period: 1, order: 'random' }, names, 48)).flat();
    for (let sweep = 0; sweep < 48; sweep += 3) expect(random.slice(sweep, sweep + 3).sort()).toEqual([0, 1, 2]);
    expect(random.slice(24)).toEqual(random.slice(0, 24));
    expect(new Set(Array.from({ length: 8 }, (_, i) => random.slice(3 * i, 3 * i + 3).join())).size).toBeGreaterThan(2);
  });

  test('a layer is what shares a prefix; blocks of single tensors on demand', async () => {
    const names = ['first.weight', 'first.bias', 'second.weight', 'second.bias'];
    expect(await movedBy({ period: 1 }, names, 3)).toEqual([[2, 3], [0, 1], [2, 3]]); // biome-ignore format: one line
    expect(await movedBy({ period: 1, blocks: 'tensor' }, names, 3)).toEqual([[3], [2], [1]]);
  });

  test('random orders are permutations', () => {
    const order = sequenceOf(5, 'random');
    for (let i = 0; i < order.length; i += 5) expect(order.slice(i, i + 5).sort()).toEqual([0, 1, 2, 3, 4]);
  });

  test('takes the gradient of the active block only: backpropagation ends there', () => {
    const layout = new Layout([
      { name: 'first', shape: [3, 2], role: 'matrix' },
      { name: 'second', shape: [4, 3], role: 'matrix' },
    ]);
    const products = (optimizer: ReturnType<typeof badam>, t: number) => {
      const x = constant([[1, 2]]);
      const objective = () => ({
        batch: () => ({}),
        loss: ({ leaves: [first, second] }: LossPoint['w']) =>
          x.matmul(first, { transposeB: true }).tanh().matmul(second, { transposeB: true }).square().sum(),
      });
      const { graph } = traceStep(optimizer, layout, objective, t);
      return topological(graph.outputs).filter((node) => node.is('matmul')).length;
    };
    // Two products forward; backward one for each gradient of a matrix and one to pass the second layer.
    expect(products(badam({ period: 1 }), 1)).toBe(3);
    expect(products(badam({ period: 1 }), 2)).toBe(4);
    expect(products(adamw(), 1)).toBe(5);
  });

  test('inside accumulate turns count the steps of badam', async () => {
    const composed = (name: string, values: object) => {
      const optimizer = getOptimizer(name, { lr: 0.1, ...values });
      if (optimizer.kind === 'driven') throw new Error(`${name} is no driven method`);
      return optimizer;
    };
    const { w } = await trajectory(composed('accumulate(badam)', { period: 2, microBatches: 3 }), {
      ...steps,
      steps: 18,
    });
    expect(moved([w0, ...w]).filter((indices) => indices.length > 0)).toEqual([[2, 3], [2, 3], [0, 1], [0, 1], [2, 3], [2, 3]]); // biome-ignore format: one line
  });

  test('inside a lookahead that resets its base turns begin anew with it', async () => {
    const base = badam({ lr: 0.1, period: 2 });
    const { w } = await trajectory(lookahead(base, { lookaheadSteps: 3, innerState: 'reset' }), { ...setup, steps: 6 });
    // The third and the sixth step are in the second turn, and go back to the slow weights in every tensor.
    expect(moved([w0, ...w])).toEqual([[2, 3], [2, 3], [0, 1, 2, 3], [2, 3], [2, 3], [0, 1, 2, 3]]); // biome-ignore format: one line
  });

  test('zero gradients and extreme scales give finite numbers', async () => {
    for (const scale of [0, 1e30, 1e-30]) {
      const loss = (point: LossPoint) => commonLoss(point).mul(scale);
      const { w } = await trajectory(badam({ period: 2 }), { ...steps, loss });
      expect(w.flat().every(Number.isFinite)).toBe(true);
    }
  });
});
