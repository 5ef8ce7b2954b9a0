import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { epochSampler } from './sampler.ts';

const options = fc
  .record({ size: fc.integer({ min: 1, max: 200 }), share: fc.double({ min: 0, max: 1, noNaN: true }), seed: fc.nat() })
  .map(({ size, share, seed }) => ({ size, seed, batchSize: Math.max(1, Math.ceil(size * share)) }));

const epoch = (sampler: ReturnType<typeof epochSampler>, number: number): number[] =>
  Array.from({ length: sampler.stepsPerEpoch }, (_, i) => [
    ...sampler.indices(number * sampler.stepsPerEpoch + i),
  ]).flat();

describe('epochSampler', () => {
  test('takes no example twice in an epoch, and all of them when batches fit', () => {
    fc.assert(
      fc.property(options, fc.nat({ max: 50 }), (given, number) => {
        const sampler = epochSampler(given);
        const drawn = epoch(sampler, number);
        expect(drawn.length).toBe(given.size - (given.size % given.batchSize));
        expect(new Set(drawn).size).toBe(drawn.length);
        expect(drawn.every((i) => i >= 0 && i < given.size)).toBe(true);
      }),
    );
  });

  test('is a function of the step: no history is needed', () => {
    fc.assert(
      fc.property(options, fc.array(fc.nat({ max: 2000 }), { maxLength: 10 }), (given, steps) => {
        const walked = epochSampler(given);
        for (const step of steps) {
          expect([...walked.indices(step)]).toEqual([...epochSampler(given).indices(step)]);
        }
      }),
    );
  });

  test('epochs, seeds and streams differ', () => {
    const order = (seed: number, stream: string, number: number) =>
      epoch(epochSampler({ size: 100, batchSize: 10, seed, stream }), number);
    const orders = [order(0, 'a', 0), order(0, 'a', 1), order(1, 'a', 0), order(0, 'b', 0)].map((o) => o.join());
    expect(new Set(orders).size).toBe(4);
  });

  test('every example comes equally often at every place', () => {
    const sampler = epochSampler({ size: 5, batchSize: 1, seed: 1 });
    const counts = Array.from({ length: 5 }, () => new Array<number>(5).fill(0));
    for (let step = 0; step < 5 * 2000; step++) counts[step % 5][sampler.indices(step)[0]]++;
    // 2000 draws each: mean 400, standard deviation 18; five of them.
    for (const count of counts.flat()) expect(Math.abs(count - 400)).toBeLessThan(90);
  });

  test('refuses a batch larger than the data, and steps before the first', () => {
    expect(() => epochSampler({ size: 5, batchSize: 6, seed: 0 })).toThrow(
      'the batch size is 6; it must be a whole number in [1, 5]',
    );
    expect(() => epochSampler({ size: 5, batchSize: 2, seed: 0 }).indices(-1)).toThrow('the step is -1');
  });
});
