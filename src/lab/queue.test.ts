import { expect, test } from 'vitest';
import { trialPlan } from '../testing/race.ts';
import { TrialQueue } from './queue.ts';

const queueOf = (...labels: string[]): TrialQueue => {
  const queue = new TrialQueue();
  for (const label of labels) queue.add([0, 1, 2].map((index) => trialPlan(label, 'tune', index)));
  return queue;
};

test('a lane stays with its competitor, whose programs it has compiled', () => {
  const queue = queueOf('a', 'b', 'c');
  const taken = [0, 1, 0, 1, 0, 1].map((lane) => queue.take(lane)?.id);
  expect(taken).toEqual(['a/tune/0', 'b/tune/0', 'a/tune/1', 'b/tune/1', 'a/tune/2', 'b/tune/2']);
  expect(queue.take(0)?.competitor).toBe('c');
});

test('a lane without work of its own helps with the longest queue, and every trial is taken once', () => {
  const queue = queueOf('a');
  const ids = [queue.take(0), queue.take(1), queue.take(1)].map((plan) => plan?.id);
  expect(new Set(ids).size).toBe(3);
  expect(queue.take(0)).toBeUndefined();
});
