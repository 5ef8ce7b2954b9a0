import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxMuller } from './box-muller.ts';
import { philoxWords } from './philox.ts';
import { createPhiloxRun, runLength } from './philox-simd.ts';
import { fillRandom, type RandomKey, randomPermutation } from './random.ts';
import { erf } from './reference/special.ts';

const key: RandomKey = { seed: 42, stream: 'weights', step: 7 };

function drawn(
  count: number,
  distribution: 'uniform' | 'normal' | 'rademacher',
  given: Partial<RandomKey> = {},
): Float64Array {
  const target = new Float64Array(count);
  fillRandom(target, distribution, { ...key, ...given });
  return target;
}

const mean = (x: ArrayLike<number>, f: (value: number, i: number) => number = (value) => value): number => {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += f(x[i], i);
  return sum / x.length;
};

describe('Philox4x32-10', () => {
  // The file kat_vectors of Random123: counter, key, words.
  const vectors: readonly (readonly [string, readonly number[], readonly number[], readonly number[]])[] = [
    ['zeros', [0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
    ['ones', [-1, -1, -1, -1], [-1, -1], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
    [
      'digits of pi',
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ];
  const simd = createPhiloxRun();

  it.each(vectors)('gives the known answer for %s, plain and SIMD', (_, counter, [key0, key1], expected) => {
    const stream = { counter1: counter[1], counter2: counter[2], counter3: counter[3], key0, key1 };
    const words = new Int32Array(4);
    philoxWords(words, counter[0], stream);
    expect(Array.from(words, (word) => word >>> 0)).toEqual(expected);
    simd.run(4, counter[0], stream);
    expect(Array.from(simd.words.subarray(0, 4), (word) => word >>> 0)).toEqual(expected);
  });

  it('gives the same words plain and SIMD, over the end of the block counter too', () => {
    const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    const any = fc.record({ counter1: word, counter2: word, counter3: word, key0: word, key1: word });
    fc.assert(
      fc.property(any, fc.oneof(word, fc.constant(-3)), fc.integer({ min: 1, max: 200 }), (stream, first, count) => {
        const plain = new Int32Array(4 * Math.ceil(count / 4));
        philoxWords(plain, first, stream);
        simd.run(count, first, stream);
        expect(simd.words.subarray(0, count)).toEqual(plain.subarray(0, count));
      }),
    );
  });

  it('fills a whole run', () => {
    const stream = { counter1: 1, counter2: 2, counter3: 3, key0: 4, key1: 5 };
    const plain = new Int32Array(runLength);
    philoxWords(plain, 9, stream);
    simd.run(runLength, 9, stream);
    expect(simd.words).toEqual(plain);
  });
});

describe('Box-Muller', () => {
  it('agrees with the library functions, at the ends of the range too', () => {
    const pair = new Float64Array(2);
    const ends = fc.constantFrom(0, 1, -1, -2, 2 ** 29, -(2 ** 31), 2 ** 31 - 1);
    const word = fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), ends);
    fc.assert(
      fc.property(word, word, (first, second) => {
        boxMuller(first, second, pair, 0);
        const radius = Math.sqrt(-2 * Math.log1p((first >>> 0) * 2 ** -32 - 1 + 2 ** -33));
        const angle = (second >>> 0) * 2 ** -31 * Math.PI;
        expect(Math.abs(pair[0] - radius * Math.cos(angle))).toBeLessThan(1e-12);
        expect(Math.abs(pair[1] - radius * Math.sin(angle))).toBeLessThan(1e-12);
        expect(Math.hypot(pair[0], pair[1])).toBeLessThan(6.77);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('fillRandom', () => {
  it('gives these numbers for ever', () => {
    // Recorded once: a change here breaks every resumed run and every published race.
    expect([...drawn(4, 'uniform')]).toEqual([
      0.9901145100593567, 0.6395635008811951, 0.26808667182922363, 0.8725190758705139,
    ]);
    expect([...drawn(4, 'normal')]).toEqual([
      -1.4627333280273276, -0.0042873311181371885, -2.4089227552216754, -0.7738297007988042,
    ]);
    expect([...drawn(5, 'rademacher')]).toEqual([-1, -1, 1, 1, -1]);
  });

  it.each(['uniform', 'normal', 'rademacher'] as const)(
    '%s: a number depends on its index, not on the length',
    (distribution) => {
      const long = drawn(3 * runLength + 5, distribution);
      for (const length of [0, 1, 2, 3, 31, 33, runLength - 1, runLength, runLength + 1, 2 * runLength + 7]) {
        expect(drawn(length, distribution)).toEqual(long.slice(0, length));
      }
    },
  );

  it('gives other numbers for another seed, stream, step or distribution', () => {
    const n = 4096;
    const base = drawn(n, 'uniform');
    const others = [
      drawn(n, 'uniform', { seed: 43 }),
      drawn(n, 'uniform', { seed: 42 + 2 ** 32 }),
      drawn(n, 'uniform', { seed: -42 }),
      drawn(n, 'uniform', { step: 8 }),
      drawn(n, 'uniform', { step: 2 ** 32 - 1 }),
      drawn(n, 'uniform', { stream: 'weightt' }),
      drawn(n, 'uniform', { stream: '' }),
      Float64Array.from(drawn(n, 'normal'), (z) => (1 + erf(z * Math.SQRT1_2)) / 2),
    ];
    for (const other of others) {
      // The correlation of independent samples has standard deviation 1 / sqrt(n).
      const correlation = 12 * mean(base, (x, i) => (x - 0.5) * (other[i] - 0.5));
      expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(n));
    }
  });

  it('draws uniform numbers that float32 holds exactly, in [0, 1), evenly', () => {
    const x = drawn(100_000, 'uniform');
    expect(x.every((value) => value >= 0 && value < 1 && Math.fround(value) === value)).toBe(true);
    const single = new Float32Array(x.length);
    fillRandom(single, 'uniform', key);
    expect(Float64Array.from(single)).toEqual(x);
    const bins = new Array(100).fill(0);
    for (const value of x) bins[Math.floor(100 * value)]++;
    // Chi-squared with 99 degrees of freedom: mean 99, standard deviation 14.
    const chi = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chi).toBeGreaterThan(57);
    expect(chi).toBeLessThan(155);
  });

  it('draws standard normal numbers', () => {
    const n = 100_000;
    const z = drawn(n, 'normal');
    // Standard deviations of the sample moments: sqrt of 1, 2, 15, 96 over n.
    expect(Math.abs(mean(z))).toBeLessThan(4 * Math.sqrt(1 / n));
    expect(Math.abs(mean(z, (x) => x ** 2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(mean(z, (x) => x ** 3))).toBeLessThan(4 * Math.sqrt(15 / n));
    expect(Math.abs(mean(z, (x) => x ** 4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
    // Neighbours come from one Box-Muller pair; they must not be correlated, nor their squares.
    expect(Math.abs(mean(z, (x, i) => x * z[i ^ 1]))).toBeLessThan(6 / Math.sqrt(n));
    expect(Math.abs(mean(z, (x, i) => x ** 2 * z[i ^ 1] ** 2) - 1)).toBeLessThan(0.06);
    // Kolmogorov-Smirnov: sqrt(n) times the largest gap passes 1.95 once in a thousand.
    const sorted = z.slice().sort();
    const gaps = sorted.map((x, i) => Math.abs((1 + erf(x * Math.SQRT1_2)) / 2 - (i + 0.5) / n));
    expect(Math.max(...gaps.filter((_, i) => i % 10 === 0)) * Math.sqrt(n)).toBeLessThan(1.95);
  });

  it('draws signs evenly and independently', () => {
    const n = 100_000;
    const x = drawn(n, 'rademacher');
    expect(new Set(x)).toEqual(new Set([-1, 1]));
    expect(Math.abs(mean(x))).toBeLessThan(4 / Math.sqrt(n));
    for (const lag of [1, 2, 31, 32, 128]) {
      expect(Math.abs(mean(x.subarray(lag), (value, i) => value * x[i]))).toBeLessThan(4 / Math.sqrt(n));
    }
  });

  it('refuses a seed or step that its words cannot hold', () => {
    expect(() => drawn(1, 'uniform', { seed: 0.5 })).toThrow('the seed is 0.5; it must be a safe integer');
    expect(() => drawn(1, 'uniform', { step: -1 })).toThrow('the step is -1; it must be a whole number in [0, 2^32)');
    expect(() => drawn(1, 'uniform', { step: 2 ** 32 })).toThrow(RangeError);
  });
});

describe('randomPermutation', () => {
  it('holds every number once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 * runLength }), fc.maxSafeInteger(), (n, seed) => {
        const order = randomPermutation(n, { ...key, seed });
        expect(order.slice().sort()).toEqual(Int32Array.from({ length: n }, (_, i) => i));
      }),
      { numRuns: 50 },
    );
  });

  it('gives each of the 24 orders of four about as often', () => {
    const counts = new Map<string, number>();
    const repeats = 24_000;
    for (let step = 0; step < repeats; step++) {
      const order = randomPermutation(4, { ...key, step }).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // Chi-squared with 23 degrees of freedom: 50 is passed once in a thousand.
    const chi = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chi).toBeLessThan(50);
  });

  it('gives this order for ever', () => {
    expect([...randomPermutation(10, key)]).toEqual([3, 4, 7, 1, 8, 0, 6, 9, 5, 2]);
  });
});
