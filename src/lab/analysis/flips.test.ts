import { describe, expect, test } from 'vitest';
import { finishedOutcome, madeUpTask, trialPlan } from '../../testing/race.ts';
import type { Trial } from '../plan.ts';
import { rankFlips } from './flips.ts';

const task = madeUpTask('made-up', { evaluations: 4 });

/** Final runs whose errors at the four evaluations are these, give or take a little on each seed. */
const runs = (label: string, errors: readonly number[], scatter = 0.001): Trial[] =>
  [0, 1, 2].map((seed) => {
    const plan = trialPlan(label, 'final', seed, 0.1, task);
    const outcome = finishedOutcome(plan, 1);
    const shift = scatter * [0, 1, -0.7][seed];
    const validation = outcome.validation.map((at, i) => ({ ...at, metrics: { error: errors[i] + shift * (i + 1) } }));
    return { plan, outcome: { ...outcome, validation } };
  });

const flips = (...competitors: readonly [string, Trial[]][]) => rankFlips(task, new Map(competitors));

describe('rank flips', () => {
  test('name who was ahead, and the last step at which it was', () => {
    const found = flips(
      ['late', runs('late', [0.9, 0.6, 0.3, 0.1], 0.002)],
      ['early', runs('early', [0.5, 0.4, 0.31, 0.3])],
    );
    expect(found).toEqual([{ winner: 'late', loser: 'early', step: 50, share: 0.5 }]);
  });

  test('are none where curves do not cross', () => {
    expect(flips(['a', runs('a', [0.5, 0.4, 0.3, 0.2])], ['b', runs('b', [0.6, 0.5, 0.4, 0.3])])).toEqual([]);
  });

  test('are none where either order is within the intervals', () => {
    const scattered = runs('late', [0.9, 0.6, 0.3, 0.1], 0.4);
    expect(flips(['late', scattered], ['early', runs('early', [0.5, 0.4, 0.35, 0.3])])).toEqual([]);
  });

  test('need two competitors and evaluations at the same steps', () => {
    expect(flips(['a', runs('a', [0.5, 0.4, 0.3, 0.2])])).toEqual([]);
    expect(flips()).toEqual([]);
    const shorter = runs('b', [0.4, 0.5, 0.6, 0.7]).map((trial) => ({
      ...trial,
      outcome: { ...trial.outcome, validation: trial.outcome.validation.map((at) => ({ ...at, step: at.step - 5 })) },
    }));
    expect(flips(['a', runs('a', [0.5, 0.4, 0.3, 0.2])], ['b', shorter])).toEqual([]);
  });
});
