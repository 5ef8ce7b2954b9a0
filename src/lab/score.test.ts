import { describe, expect, test } from 'vitest';
import { divergedOutcome, finalTrials, finishedOutcome, protocolOf, trialPlan } from '../testing/race.ts';
import type { Trial } from './protocol.ts';
import { chooseTrial, headline, scoreRace } from './score.ts';

const tuneTrial = (competitor: string, index: number, error: number | 'diverged', lr = 0.1): Trial => {
  const plan = trialPlan(competitor, 'tune', index, lr);
  return { plan, outcome: error === 'diverged' ? divergedOutcome(plan) : finishedOutcome(plan, error) };
};

const score = (errors: Readonly<Record<string, readonly number[]>>) =>
  scoreRace(
    protocolOf(Object.keys(errors)),
    Object.entries(errors).flatMap(([label, values]) => finalTrials(label, values)),
  );

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
    const steady = tuneTrial('a', 1, 0.2);
    expect(chooseTrial([fallen, steady], 'error')).toBe(steady);
  });

  test('never takes a diverged trial, and none when all diverged', () => {
    const good = tuneTrial('a', 1, 0.5);
    expect(chooseTrial([tuneTrial('a', 0, 'diverged'), good], 'error')).toBe(good);
    expect(chooseTrial([tuneTrial('a', 0, 'diverged')], 'error')).toBeNull();
  });

  test('breaks a tie by the loss, then by order', () => {
    const first = tuneTrial('a', 0, 0.2);
    const lowerLoss: Trial = {
      ...tuneTrial('a', 1, 0.2),
      outcome: {
        ...tuneTrial('a', 1, 0.2).outcome,
        validation: [{ step: 50, seconds: 1, loss: 0.01, metrics: { error: 0.2 } }],
      },
    };
    expect(chooseTrial([first, lowerLoss], 'error')).toBe(lowerLoss);
    expect(chooseTrial([tuneTrial('a', 1, 0.2), first], 'error')).toBe(first);
  });
});

describe('ranks', () => {
  test('differ where the paired intervals leave out zero', () => {
    const rows = score({ b: [0.21, 0.31, 0.41], a: [0.1, 0.2, 0.3] });
    expect(rows.map(({ competitor, rank, tied }) => [competitor.label, rank, tied])).toEqual([
      ['a', 1, false],
      ['b', 2, false],
    ]);
    expect(headline(rows, 'validation error')).toMatch(/^a has the lowest validation error over 3 seeds/);
  });

  test('are shared where they do not', () => {
    const rows = score({ a: [0.1, 0.2, 0.3], b: [0.3, 0.15, 0.2] });
    expect(rows.map(({ rank, tied }) => [rank, tied])).toEqual([
      [1, true],
      [1, true],
    ]);
    expect(headline(rows, 'validation error')).toMatch(/^No winner/);
  });

  test('do not lift a competitor that scatters past one that is known to be worse', () => {
    const rows = score({ best: [0.1, 0.1, 0.1001], worse: [0.2, 0.2, 0.2001], scattered: [0.1, 0.9, 0.5] });
    expect(rows.map(({ competitor, rank }) => [competitor.label, rank])).toEqual([
      ['best', 1],
      ['worse', 2],
      ['scattered', 2],
    ]);
    expect(headline(rows, 'validation error')).toMatch(/every other but scattered, whose seeds scatter/);
  });

  test('one seed proves nothing', () => {
    const rows = score({ a: [0.1], b: [0.9] });
    expect(rows.map(({ rank }) => rank)).toEqual([1, 1]);
    expect(headline(rows, 'validation error')).toMatch(/^No winner can be named/);
  });

  test('are not given to a competitor that diverged on a final seed, however good its other seeds', () => {
    const plan = trialPlan('a', 'final', 2);
    const trials = [
      ...finalTrials('a', [0.01, 0.01]),
      { plan, outcome: divergedOutcome(plan) },
      ...finalTrials('b', [0.3, 0.3, 0.31]),
    ];
    const rows = scoreRace(protocolOf(['a', 'b']), trials);
    expect(rows.map(({ competitor, rank }) => [competitor.label, rank])).toEqual([
      ['b', 1],
      ['a', null],
    ]);
    expect(headline(rows, 'validation error')).toMatch(/^b is the only competitor/);
  });
});

describe('speed-up', () => {
  test('is the ratio of mean steps to target', () => {
    // Errors of 0.05 and 0.08 cross 0.1 at the second and the fourth evaluation of 25 steps.
    const rows = score({ adamw: [0.08, 0.08, 0.08], fast: [0.05, 0.05, 0.05] });
    expect(rows.map(({ competitor, speedUp }) => [competitor.label, speedUp])).toEqual([
      ['fast', 2],
      ['adamw', 1],
    ]);
  });

  test('is not given where a run missed the target, or the baseline did', () => {
    expect(score({ adamw: [0.08, 0.08, 0.08], a: [0.05, 0.05, 0.2] })[1].speedUp).toBeNull();
    expect(score({ adamw: [0.08, 0.2, 0.08], a: [0.05, 0.05, 0.05] }).map((row) => row.speedUp)).toEqual([null, null]);
  });
});

test('sensitivity counts diverged trials, and the settings that are nearly as good as the best', () => {
  const trials = [
    tuneTrial('a', 0, 0.1, 1e-3),
    tuneTrial('a', 1, 0.12, 1e-2),
    tuneTrial('a', 2, 0.5, 1e-1),
    tuneTrial('a', 3, 'diverged', 1),
  ];
  const [{ sensitivity }] = scoreRace(protocolOf(['a']), trials);
  expect(sensitivity.hyper).toBe('lr');
  expect(sensitivity.nearBest).toBe(0.5);
  expect(sensitivity.points.map(({ loss }) => loss === null)).toEqual([false, false, false, true]);
});
