import { describe, expect, test } from 'vitest';
import { fillRandom } from '../../runtime/random.ts';
import type { SeedValues } from './ends.ts';
import { places, tellApart } from './ranks.ts';
import { mean } from './statistics.ts';

const bySeed = (values: readonly number[]): SeedValues => new Map(values.map((value, i) => [i, value]));

type Noise = (stream: string, count: number, step: number) => Float64Array;

const normal: Noise = (stream, count, step) => {
  const values = new Float64Array(count);
  fillRandom(values, 'normal', { seed: 0, stream, step });
  return values;
};

/** Student's t with three degrees of freedom: now and then far off. */
const heavy: Noise = (stream, count, step) => {
  const [top, ...below] = ['top', 'a', 'b', 'c'].map((part) => normal(`${stream}/${part}`, count, step));
  return top.map((x, i) => x / Math.sqrt(mean(below.map((part) => part[i] ** 2))));
};

/** Each competitor scatters by a size of its own, over a factor of 30 from end to end. */
const uneven: Noise = (stream, count, step) => {
  const [size] = normal(`${stream}/size`, 1, step);
  return normal(stream, count, step).map((x) => x * Math.exp(size));
};

interface Claims {
  /** One competitor stands first, all others known to be behind it. */
  winner: number;
  /** Somebody is known to be behind somebody. */
  any: number;
}

/** How often the rule claims something of competitors that are equal, but for those that are `far` behind. */
function claimsAmongEquals(races: number, equal: number, seeds: number, noise: Noise, far = 0): Claims {
  const claims = { winner: 0, any: 0 };
  for (let race = 0; race < races; race++) {
    const shared = normal('shared', seeds, race);
    const values = Array.from({ length: equal + far }, (_, c) =>
      [...noise(`own/${c}`, seeds, race)].map((x, i) => x + 3 * shared[i] + (c < equal ? 0 : 1000)),
    ).sort((a, b) => mean(a) - mean(b));
    const ranks = places(values.map(bySeed)).slice(0, equal);
    const order = tellApart(values.map(bySeed));
    if (ranks.slice(1).every(({ behindFirst }) => behindFirst)) claims.winner++;
    const pairs = ranks.flatMap((_, i) => ranks.map((_, j) => [i, j] as const));
    if (pairs.some(([i, j]) => order.better(i, j))) claims.any++;
  }
  return { winner: claims.winner / races, any: claims.any / races };
}

describe('among equal competitors', () => {
  // 5% are allowed; 2000 races leave a standard error of 0.5%.
  const allowed = 0.05 + 3 * 0.005;

  test.each([
    ['normal', normal],
    ['heavy-tailed', heavy],
    ['uneven', uneven],
  ] as const)('ten on three seeds with %s noise are told apart in less than 5% of races', (_, noise) => {
    const { winner, any } = claimsAmongEquals(2000, 10, 3, noise);
    expect(any).toBeLessThan(0.05);
    expect(winner).toBeLessThan(0.02);
  });

  test('one plain 95% interval for each pair with the first would err in half of all races', () => {
    let wrong = 0;
    for (let race = 0; race < 500; race++) {
      const values = Array.from({ length: 10 }, (_, c) => normal(`own/${c}`, 3, race));
      const order = [...values].sort((a, b) => mean([...a]) - mean([...b]));
      // A pair alone is judged at the plain level.
      if (order.slice(1).some((other) => tellApart([order[0], other].map((v) => bySeed([...v]))).better(0, 1))) wrong++;
    }
    expect(wrong / 500).toBeGreaterThan(0.4);
  });

  test('two are told apart in 5% of races, also where eight others are far behind: the worst case of naming a winner', () => {
    expect(claimsAmongEquals(2000, 2, 3, normal).winner).toBeLessThan(allowed);
    const { winner } = claimsAmongEquals(2000, 2, 3, normal, 8);
    expect(winner).toBeLessThan(allowed);
    expect(winner).toBeGreaterThan(0.05 - 3 * 0.005);
  });
});

describe('places', () => {
  test('are each their own where all differ by far', () => {
    const ranks = places([1, 2, 3].map((center) => bySeed([center, center + 0.001, center - 0.0005])));
    expect(ranks).toEqual([
      { rank: 1, tied: false, behindFirst: false },
      { rank: 2, tied: false, behindFirst: true },
      { rank: 3, tied: false, behindFirst: true },
    ]);
  });

  test('below the first are shared where nothing is known', () => {
    const ranks = places([bySeed([1, 1.001, 0.999]), bySeed([2, 2.3, 2.1]), bySeed([2.2, 2.1, 2.25])]);
    expect(ranks.map(({ rank, tied }) => [rank, tied])).toEqual([
      [1, false],
      [2, true],
      [2, true],
    ]);
  });

  test('do not lift one that scatters past another that is known to be worse', () => {
    const ranks = places([bySeed([0.1, 0.1, 0.1001]), bySeed([0.2, 0.2, 0.2001]), bySeed([0.1, 0.9, 0.5])]);
    expect(ranks.map(({ rank, behindFirst }) => [rank, behindFirst])).toEqual([
      [1, false],
      [2, true],
      [2, false],
    ]);
  });

  test('name a winner that beats each other one at 5%, where the correction over all pairs would be silent', () => {
    // t = 5 or so against each: p = 0.03 with two degrees of freedom.
    const rivals = Array.from({ length: 5 }, (_, c) => bySeed([1 + 0.01 * c, 1.5 + 0.013 * c, 1.9]));
    const ranks = places([bySeed([0, 0, 0]), ...rivals]);
    expect(ranks.map(({ rank }) => rank)).toEqual([1, 2, 2, 2, 2, 2]);
  });

  test('of one seed, and of none, claim nothing', () => {
    expect(places([bySeed([1]), bySeed([5])]).map(({ rank }) => rank)).toEqual([1, 1]);
    expect(places([])).toEqual([]);
    expect(places([bySeed([1, 2])])).toEqual([{ rank: 1, tied: false, behindFirst: false }]);
  });
});
