import { describe, expect, test } from 'vitest';
import { divergedOutcome, finishedOutcome, trialPlan, tuneTrials } from '../../testing/race.ts';
import type { Trial } from '../plan.ts';
import { chooseTrial, endOf, seedValues } from './ends.ts';

describe('chooseTrial', () => {
  test('takes the trial that ended best, not one that was better on the way', () => {
    const plan = trialPlan('a', 'tune', 0);
    const fallen: Trial = {
      plan,
      outcome: {
        ...finishedOutcome(plan, 0.3),
        validation: [
          { step: 25, seconds: 0, loss: 0.01, metrics: { error: 0.01 } },
          { step: 50, seconds: 0, loss: 0.9, metrics: { error: 0.3 } },
        ],
      },
    };
    const [, steady] = tuneTrials('a', [0.5, 0.2]);
    expect(chooseTrial([fallen, steady], 'error')).toBe(steady);
  });

  test('never takes a diverged trial, and none when all diverged', () => {
    const [bad, good] = tuneTrials('a', ['diverged', 0.5]);
    expect(chooseTrial([bad, good], 'error')).toBe(good);
    expect(chooseTrial([bad], 'error')).toBeNull();
  });

  test('breaks a tie by the loss, then by order', () => {
    const [first, second] = tuneTrials('a', [0.2, 0.2]);
    const validation = [{ step: 50, seconds: 1, loss: 0.01, metrics: { error: 0.2 } }];
    const lowerLoss: Trial = { ...second, outcome: { ...second.outcome, validation } };
    expect(chooseTrial([first, lowerLoss], 'error')).toBe(lowerLoss);
    expect(chooseTrial([second, first], 'error')).toBe(first);
  });
});

test('a run that did not come to its end has none', () => {
  const plan = trialPlan('a', 'final', 0);
  expect(endOf({ plan, outcome: divergedOutcome(plan) })).toBeNull();
  expect(seedValues([{ plan, outcome: divergedOutcome(plan) }], 'error').size).toBe(0);
  expect([...seedValues([{ plan, outcome: finishedOutcome(plan, 0.25) }], 'error')]).toEqual([[1, 0.25]]);
});
