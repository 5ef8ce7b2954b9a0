import type { SeedValues } from './ends.ts';
import { differences, pairedTest } from './paired.ts';

/**
 * Who is better than whom, so that what is said holds with 95% confidence as a whole.
 *
 * A race of ten is 45 comparisons. With one 95% interval for each, half of all races among ten equal methods on three seeds would show
 * somebody behind the first. Two rules instead:
 *
 * - *Pairs.* Two competitors are told apart when the paired t test does so after Holm's correction over all pairs (Holm 1979, A simple
 *   sequentially rejective multiple test procedure). All pairs, since the data choose who is first.
 * - *The winner.* The first one is named alone when its test against every other one is below 5% by itself. That claim needs no
 *   correction: it is made only if all tests agree, and it errs most where two are equal and all others far behind, at 5% (Gutmann & Maymin
 *   1987, Is the selected population the best?; Hung & Fithian 2019, Rank verification for exponential families, arXiv:1610.03944).
 *
 * Among ten equal methods on three seeds either rule says something in less than 5% of races, whatever the noise: ranks.test.ts
 * simulates it. The price is power: of ten competitors two must differ by 30 standard errors of their difference to be told apart on three
 * seeds, by 8 on five and by 5 on ten; against a rival each, a winner needs 4.3, 2.8 and 2.3.
 */
export interface Order {
  /** Is i known to be better (lower) than j? */
  better(i: number, j: number): boolean;
}

const level = 0.05;

/** What is known of competitors whose values are given by seed. */
export function tellApart(values: readonly SeedValues[]): Order {
  const size = values.length;
  const pairs = values.flatMap((a, i) =>
    values.slice(i + 1).map((b, k) => {
      const difference = differences(a, b);
      const sum = difference.reduce((total, x) => total + x, 0);
      return { better: sum < 0 ? i : i + 1 + k, worse: sum < 0 ? i + 1 + k : i, p: pairedTest(difference) };
    }),
  );
  const winner = values.findIndex((_, i) => {
    const own = pairs.filter(({ better }) => better === i);
    return own.length > 0 && own.length === size - 1 && own.every(({ p }) => p <= level);
  });
  const known = new Set<number>();
  pairs.sort((a, b) => a.p - b.p);
  for (const [k, { better, worse, p }] of pairs.entries()) {
    if (p > level / (pairs.length - k)) break;
    known.add(better * size + worse);
  }
  return { better: (i, j) => i !== j && (i === winner || known.has(i * size + j)) };
}

export interface Place {
  readonly rank: number;
  readonly tied: boolean;
  /** Is the first one known to be better? */
  readonly behindFirst: boolean;
}

/**
 * Ranks of competitors in the order of their means. One shares the rank of the one before it unless the best of that rank is known to
 * be better; then its rank is its place. So a method whose seeds scatter, of which nothing can be told, does not share the first rank
 * past others that are known to be worse.
 */
export function places(values: readonly SeedValues[]): readonly Place[] {
  const order = tellApart(values);
  const ranks: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const before = ranks[i - 1] ?? 1;
    ranks.push(order.better(before - 1, i) ? i + 1 : before);
  }
  return ranks.map((rank, i) => ({
    rank,
    tied: ranks.filter((other) => other === rank).length > 1,
    behindFirst: order.better(0, i),
  }));
}
