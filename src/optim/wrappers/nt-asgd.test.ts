import { describe, expect, test } from 'vitest';
import type { Engine } from '../../runtime/engine.ts';
import { createRuntime } from '../../runtime/runtime.ts';
import { expectClose } from '../../testing/close.ts';
import { following } from '../../testing/following.ts';
import { commonLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { sgd } from '../first-order/sgd.ts';
import { ntAsgd } from './nt-asgd.ts';

type Values = Parameters<typeof ntAsgd>[1];

/** An evaluation after each step; the iterate after step t is t. */
const run = (losses: readonly number[], values: Values, engine?: Engine) =>
  trajectory(ntAsgd(sgd({ lr: 1 }), values), {
    w0: [0],
    loss: following(Array.from({ length: losses.length + 3 }, (_, i) => [i + 1])),
    steps: losses.length + 3,
    engine,
    validation: losses.map((loss, i) => [i + 1, loss]),
  });

/** Which evaluation, from 0, began the average; -1 when none did. */
const trigger = async (losses: readonly number[], values: Values) =>
  (await run(losses, values)).state.findIndex((state) => state['state.own.triggered'][0] === 1) - 2;

describe('nt-asgd', () => {
  const losses = [5, 4, 3.5, 3.6, 3.45, 3.55, 3.52, 3.6, 3.7, 3.65];

  test.each([
    ['code', 2, 5],
    ['code', 3, 6],
    ['code', 5, 8],
    ['window', 2, 3],
    ['window', 3, 5],
    ['window', 5, 6],
  ] as const)('golden: rule %s with n = %i triggers at evaluation %i', async (nonMonotoneRule, nonMonotone, index) => {
    expect(await trigger(losses, { nonMonotone, nonMonotoneRule })).toBe(index);
  });

  test('from then on evaluations are at the mean of the later iterates, though the loss improves again', async () => {
    const { evaluation, w } = await run([3, 2, 2.5, 1, 0.5], { nonMonotone: 1 });
    expect(w.map(([x]) => x)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expectClose(evaluation, [[1], [2], [3], [4], [5], [6], [7], [8]]);
    const triggered = await run([3, 2, 3.5, 1, 0.5], { nonMonotone: 1 });
    expectClose(triggered.evaluation, [[1], [2], [3], [4], [4.5], [5], [5.5], [6]]);
  });

  test('falling losses never trigger; one that is not a number is the worst', async () => {
    expect(await trigger([9, 8, 7, 6, 5, 4], { nonMonotone: 1 })).toBe(-3);
    expect(await trigger([1, Number.NaN, Number.NaN, Number.NaN], { nonMonotone: 1 })).toBe(2);
  });

  test('without evaluations it is the base', async () => {
    const setup = { w0, loss: commonLoss, steps: 4 };
    const { w, evaluation } = await trajectory(ntAsgd(sgd({ lr: 0.1 })), setup);
    expect(w).toEqual((await trajectory(sgd({ lr: 0.1 }), setup)).w);
    expect(evaluation).toEqual(w);
  });

  test.each(['wasm', 'onnx', 'auto'] as const)('engine %s agrees with the reference', async (engine) => {
    const { engine: compiled } = createRuntime({ engine, threads: 1 });
    const expected = await run(losses, { nonMonotone: 2 });
    const actual = await run(losses, { nonMonotone: 2 }, compiled);
    expectClose(actual.w, expected.w, { relative: 1e-6 });
    expectClose(actual.evaluation, expected.evaluation, { relative: 1e-6 });
  });
});
