import { expect, test } from 'vitest';
import { finishedOutcome, trialPlan } from '../../testing/race.ts';
import type { TrialPlan } from '../plan.ts';
import { ancestorsOf, jobsOf } from './jobs.ts';

const plan = (index: number, changes: Partial<TrialPlan> = {}): TrialPlan => ({
  ...trialPlan('a', 'tune', index),
  id: String(index),
  ...changes,
});

test('the trials of a batch are one job, in its first place; all others are alone', () => {
  const jobs = jobsOf([plan(0), plan(1, { batch: 'x' }), plan(2), plan(3, { batch: 'x' })]);
  expect(jobs.map((job) => job.map(({ id }) => id))).toEqual([['0'], ['1', '3'], ['2']]);
});

test('ancestors are all trials that a job goes on from, each once', () => {
  const chain = [plan(0), plan(1, { from: '0' }), plan(2, { from: '1' }), plan(3, { from: '1' }), plan(4)];
  const ended = new Map(chain.map((of) => [of.id, { plan: of, outcome: finishedOutcome(of, 1) }]));
  const job = [plan(5, { from: '2' }), plan(6, { from: '3' })];
  expect(
    ancestorsOf(job, ended)
      .map(({ id }) => id)
      .sort(),
  ).toEqual(['0', '1', '2', '3']);
  expect(ancestorsOf([plan(7)], ended)).toEqual([]);
});
