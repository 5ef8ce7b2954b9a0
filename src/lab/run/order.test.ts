import { expect, test } from 'vitest';
import { trialPlan } from '../../testing/race.ts';
import { JobQueue } from './order.ts';

const queueOf = (...labels: string[]): JobQueue => {
  const queue = new JobQueue();
  for (const label of labels) queue.add([0, 1, 2].map((index) => [trialPlan(label, 'tune', index)]));
  return queue;
};
const idOf = (job: ReturnType<JobQueue['take']>): string | undefined => job?.[0].id.replace('made-up/', '');

test('a lane stays with its competitor, whose programs it has compiled', () => {
  const queue = queueOf('a', 'b', 'c');
  const taken = [0, 1, 0, 1, 0, 1].map((lane) => idOf(queue.take(lane)));
  expect(taken).toEqual(['a/tune/0', 'b/tune/0', 'a/tune/1', 'b/tune/1', 'a/tune/2', 'b/tune/2']);
  expect(queue.take(0)?.[0].competitor).toBe('c');
});

test('another task is other programs', () => {
  const queue = queueOf('a');
  queue.add([[{ ...trialPlan('a', 'tune', 0), task: 'other', id: 'other/a/tune/0' }]]);
  const lanes = [queue.take(0), queue.take(1)];
  expect(lanes.map((job) => job?.[0].task)).toEqual(['made-up', 'other']);
});

test('a lane without work of its own helps with the longest queue, and every job is taken once', () => {
  const queue = queueOf('a');
  const ids = [queue.take(0), queue.take(1), queue.take(1)].map(idOf);
  expect(new Set(ids).size).toBe(3);
  expect(queue.take(0)).toBeUndefined();
});

test('what was lost goes first', () => {
  const queue = queueOf('a');
  const job = queue.take(0);
  if (job) queue.addFirst(job);
  expect(idOf(queue.take(0))).toBe('a/tune/0');
});
