import { Matrix, solve } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { log, quantile } from '../../optim/hyper.ts';
import { competitorPlan, divergedOutcome, finishedOutcome, trialPlan, tuneTrials } from '../../testing/race.ts';
import type { Trial } from '../plan.ts';
import { unitPoints } from '../search/search.ts';
import { averageRanks, explainedShare, nearBest, sensitivities } from './sensitivity.ts';
import { mean } from './statistics.ts';

/** What the first of three hyperparameters explains, on average over searches of so many trials. */
function explained(count: number, loss: (point: readonly number[]) => number | null): number {
  const shares = Array.from({ length: 40 }, (_, seed) =>
    explainedShare(unitPoints('sobol', count, 3, seed).map((point) => ({ value: point[0], loss: loss(point) }))),
  );
  return mean(shares);
}

describe('the share that one hyperparameter explains', () => {
  test('is near 1 for the only one that matters, however the loss depends on it', () => {
    for (const loss of [
      ([u]: readonly number[]) => Math.exp(3 * u),
      ([u]: readonly number[]) => Math.abs(u - 0.3),
      ([u]: readonly number[]) => (u > 0.9 ? null : (u - 0.3) ** 2),
    ]) {
      expect(explained(16, loss)).toBeGreaterThan(0.9);
      expect(explained(64, loss)).toBeGreaterThan(0.93);
    }
  });

  test('is near 0 for one without influence', () => {
    const inert = ([, v]: readonly number[]) => (v - 0.6) ** 2;
    expect(explained(16, inert)).toBeLessThan(0.05);
    expect(explained(64, inert)).toBeLessThan(0.01);
  });

  test('is about half where two matter alike', () => {
    const half = explained(64, ([u, v]) => u + v);
    expect(half).toBeGreaterThan(0.4);
    expect(half).toBeLessThan(0.6);
  });

  test('does not see the scale of the loss', () => {
    const points = unitPoints('sobol', 12, 1, 3).map(([u]) => ({ value: u, loss: (u - 0.4) ** 2 }));
    const other = points.map(({ value, loss }) => ({ value: Math.exp(9 * value), loss: Math.exp(50 * loss) }));
    expect(explainedShare(other)).toBe(explainedShare(points));
  });

  test('is what a fit predicts of trials that it did not see: the sum over fits without each of them', () => {
    const values = [3, 1, 4, 1.5, 5, 9, 2.6, 6, 7, 2.2, 8, 3.5];
    const losses = [0.9, 0.1, 0.3, 0.4, 0.2, 0.8, 0.5, 0.7, 0.6, 0.15, 1.2, 0.35];
    const [x, y] = [averageRanks(values), averageRanks(losses)];
    const at = (power: number, i: number) => (x[i] / 12) ** power;
    const press = (degree: number): number =>
      x.reduce((sum, _, left) => {
        const seen = x.map((_, i) => i).filter((i) => i !== left);
        const powers = Array.from({ length: degree + 1 }, (_, power) => power);
        const fit = new Matrix(seen.map((i) => powers.map((power) => at(power, i))));
        const weights = solve(fit, Matrix.columnVector(seen.map((i) => y[i])), true).to1DArray();
        return sum + (y[left] - weights.reduce((total, w, power) => total + w * at(power, left), 0)) ** 2;
      }, 0);
    const best = Math.min(...[0, 1, 2, 3, 4].map(press));
    const points = values.map((value, i) => ({ value, loss: losses[i] }));
    expect(explainedShare(points)).toBeCloseTo(1 - best / press(0), 8);
  });

  test('is not known from fewer than twelve trials, and nothing where all end alike', () => {
    const points = Array.from({ length: 12 }, (_, value) => ({ value, loss: 1 }));
    expect(explainedShare(points.slice(1))).toBeNaN();
    expect(explainedShare(points)).toBe(0);
  });
});

test('equal values share the mean of their ranks', () => {
  expect(averageRanks([3, 1, 3, 2])).toEqual([3.5, 1, 3.5, 2]);
  expect(averageRanks([Number.POSITIVE_INFINITY, 1, Number.POSITIVE_INFINITY])).toEqual([2.5, 1, 2.5]);
});

describe('sensitivities of a competitor', () => {
  test('have one entry for each tuned hyperparameter, diverged trials among the points', () => {
    const [{ hyper, points }, second] = sensitivities(
      competitorPlan('a', { space: { lr: log(1e-4, 1), beta: log(0.1, 0.9) } }),
      tuneTrials('a', [0.3, 0.1, 'diverged']),
    );
    expect([hyper, second.hyper]).toEqual(['lr', 'beta']);
    expect(points.map(({ loss }) => loss === null)).toEqual([false, false, true]);
  });

  test('compare trials of one budget only: the one at which most ended', () => {
    const stopped = (index: number, until: number, error: number): Trial => {
      const base = trialPlan('a', 'tune', index, quantile(log(1e-4, 1), index / 9));
      const plan = { ...base, until, evaluateEvery: until };
      return { plan, outcome: finishedOutcome(plan, error) };
    };
    const rungs = [0, 1, 2, 3, 4, 5].map((i) => stopped(i, 25, 0.5 + i)).concat(stopped(6, 100, 0.1));
    expect(sensitivities(competitorPlan('a'), rungs)[0].points).toHaveLength(6);
    expect(nearBest(rungs)).toBe(1 / 6);
  });

  test('count as near the best what ends within a quarter of it; a failed trial says nothing', () => {
    const trials = tuneTrials('a', [0.1, 0.12, 0.5, 'diverged']);
    const failed = { ...trials[3], outcome: { ...divergedOutcome(trials[3].plan), status: 'failed' as const } };
    expect(nearBest(trials)).toBe(0.5);
    expect(nearBest([...trials.slice(0, 3), failed])).toBeCloseTo(2 / 3, 12);
    expect(nearBest([])).toBeNaN();
  });
});
