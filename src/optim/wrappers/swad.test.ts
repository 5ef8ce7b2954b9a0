import { describe, expect, test } from 'vitest';
import type { Engine } from '../../runtime/engine.ts';
import { createRuntime } from '../../runtime/runtime.ts';
import { expectClose } from '../../testing/close.ts';
import { following } from '../../testing/following.ts';
import { trajectory } from '../../testing/trajectory.ts';
import { sgd } from '../first-order/sgd.ts';
import { swad } from './swad.ts';

const E = [1, 0.8, 0.6, 0.5, 0.52, 0.55, 0.5, 0.53, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3];

/** Segments of `length` steps, an evaluation after each; the iterates of segment i are i. */
interface Run {
  length?: number;
  values?: Parameters<typeof swad>[1];
  engine?: Engine;
}
const run = (losses: readonly number[], { length = 1, values = {}, engine }: Run = {}) => {
  const steps = losses.length * length + 1;
  return trajectory(swad(sgd({ lr: 1 }), values), {
    w0: [0],
    loss: following(Array.from({ length: steps }, (_, i) => [Math.floor(i / length) + 1])),
    steps,
    engine,
    validation: losses.map((loss, i) => [(i + 1) * length, loss]),
  });
};

/** The paper's rule, on a whole list of losses: segments from 1. */
function valley(losses: readonly number[], Ns: number, Ne: number, r: number): number[] {
  const least = (from: number, to: number) => Math.min(...losses.slice(from - 1, to));
  let start = 0;
  for (let i = Ns; i <= losses.length && start === 0; i++)
    if (losses[i - Ns] === least(i - Ns + 1, i)) start = i - Ns + 1;
  if (start === 0) return [];
  const threshold = (r * losses.slice(start - 1, start + Ns - 1).reduce((a, b) => a + b)) / Ns;
  let end = losses.length;
  while (losses[end - 1] > threshold) end--;
  for (let i = losses.length; i >= start + Ne; i--) if (least(i - Ne + 1, i) > threshold) end = i - Ne;
  return Array.from({ length: end - start + 1 }, (_, k) => start + k);
}
const mean = (xs: readonly number[]) => xs.reduce((a, b) => a + b) / xs.length;

describe('swad', () => {
  test.each([1, 4])('golden: segments of %i steps', async (length) => {
    const { state, evaluation, w } = await run(E, { length });
    const stateAfter = (segments: number) => state[segments * length + 1];
    // Evaluation i is seen in the step after it.
    expectClose(stateAfter(6)['state.own.threshold'], [0.680333333333]);
    expect(stateAfter(5)['state.own.threshold']).toEqual([0]);
    expect(stateAfter(14)['state.own.pending.count']).toEqual([5]);
    expect(stateAfter(15)['state.own.pending.count']).toEqual([6]);
    expectClose(stateAfter(15)['state.own.valley.mean'], [6.5]);
    // At the weights until the valley has ended, then at its mean.
    expectClose(evaluation[15 * length - 1], w[15 * length - 1]);
    expectClose(evaluation[15 * length], [6.5]);
    expectClose(evaluation.at(-1) as number[], [6.5]);
  });

  test("the authors' code counts the start twice; we do not", async () => {
    const members = valley(E, 3, 6, 1.3);
    expect(members).toEqual([4, 5, 6, 7, 8, 9]);
    expectClose([mean([members[0], ...members])], [6.14285714286]);
    expectClose((await run(E)).evaluation.at(-1) as number[], [mean(members)]);
  });

  test.each([
    ['a valley that lasts to the end', E.slice(0, 11), 3, 6, 1.3],
    ['a hill within the first window', [1, 0.2, 5, 0.3, 0.25, 0.3, 4, 4, 4, 4], 3, 3, 1.2],
    ['windows of one', [1, 0.5, 0.6, 0.9, 1, 1.1], 1, 2, 1.5],
    ['a loss that only rises', [1, 2, 3, 4, 5, 6, 7], 2, 3, 1.3],
  ])('agrees with the rule on a whole list: %s', async (_, losses, Ns, Ne, r) => {
    const values = { swadOptimum: Ns, swadOverfit: Ne, swadTolerance: r };
    const { evaluation } = await run(losses, { values });
    expectClose(evaluation.at(-1) as number[], [mean(valley(losses, Ns, Ne, r))], { relative: 1e-12 });
  });

  test('without a valley the run gives the mean of its last segment', async () => {
    const { evaluation } = await run([5, 4, 3, 2], { length: 2 });
    expectClose(evaluation.at(-1) as number[], [5]);
  });

  test('keeps Ns + 2 floats', async () => {
    const { statePerParameter } = await run(E, { values: { swadOptimum: 4 } });
    // One parameter here; the numbers: three counts, four losses, threshold, evaluations seen.
    expect(statePerParameter).toBe(4 + 2 + 9);
  });

  test.each(['wasm', 'onnx', 'auto'] as const)('engine %s agrees with the reference', async (engine) => {
    const { engine: compiled } = createRuntime({ engine, threads: 1 });
    const expected = await run(E);
    const actual = await run(E, { engine: compiled });
    expectClose(actual.w, expected.w, { relative: 1e-6 });
    expectClose(actual.evaluation, expected.evaluation, { relative: 1e-6 });
  });
});
