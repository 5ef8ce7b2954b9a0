import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { constant } from '../tensor/functions.ts';
import { expectClose } from '../testing/close.ts';
import { drivenTrajectory, type LossPoint, trajectory } from '../testing/trajectory.ts';
import { getOptimizer } from './registry.ts';

/** Fifty steps of an optimizer that nobody here wrote, and our method that must go the same way (`npm run fixtures` makes them). */
interface Run {
  readonly ours: readonly [name: string, values: Readonly<Record<string, unknown>>];
  readonly w: number[][];
  readonly evaluation?: number[][];
  /** Numbers of the random leaves at each step, in order of declaration. */
  readonly random?: number[][][];
  /** Losses of evaluations after steps, for methods that look at them. */
  readonly validation?: [step: number, loss: number][];
  readonly tolerance?: { readonly relative: number; readonly absolute?: number };
  /** What of the peer was changed, or why the tolerance is wider. */
  readonly note?: string;
}

const folder = new URL('../../tests/fixtures/optim/', import.meta.url);
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));

const { X, Y, start } = read('problem.json') as {
  readonly X: number[][];
  readonly Y: number[][];
  readonly start: Readonly<Record<'W' | 'b' | 's', number[]>>;
};
const inputs = constant(X, { dtype: 'float64' });
const targets = constant(Y, { dtype: 'float64' });
const loss = ({ w }: LossPoint) => {
  const [W, b, s] = w.leaves.map((leaf) => leaf.cast('float64'));
  return inputs.matmul(W).add(b).tanh().mul(s).sub(targets).square().mean();
};
const w0 = {
  W: { shape: [3, 2], values: start.W, role: 'matrix' },
  b: { shape: [2], values: start.b },
  s: { shape: [], values: start.s },
} as const;

const files = readdirSync(new URL('trajectories/', folder)).filter((name) => name.endsWith('.json'));

describe.each(files)('fifty steps of others: %s', (file) => {
  const runs = Object.entries(read(`trajectories/${file}`) as Readonly<Record<string, Run>>);

  test.each(runs)('%s', async (_, expected) => {
    expect(expected.w).toHaveLength(50);
    const [id, values] = expected.ours;
    const { random, validation } = expected;
    const tolerance = expected.tolerance ?? { relative: 1e-9 };
    const optimizer = getOptimizer(id, values);
    const setup = {
      w0,
      loss,
      steps: expected.w.length,
      ...(validation && { validation }),
      ...(random && { random: (t: number, i: number) => random[t - 1][i] }),
    };
    if (optimizer.kind === 'driven') {
      const { w } = await drivenTrajectory(optimizer, setup);
      expectClose(w.slice(0, 30), expected.w.slice(0, 30), { relative: 1e-9 });
      expectClose(w, expected.w, tolerance);
      return;
    }
    const { w, evaluation } = await trajectory(optimizer, setup);
    expectClose(w, expected.w, tolerance);
    if (expected.evaluation) expectClose(evaluation, expected.evaluation, tolerance);
  });
});
