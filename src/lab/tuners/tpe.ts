import { z } from 'zod';
import { fillRandom } from '../../runtime/random.ts';
import { inOrder } from './best.ts';
import { drawFrom, logDensity, parzen } from './parzen.ts';
import { adviseInRounds, type History, type Point } from './rounds.ts';
import type { Tuner } from './tuner.ts';

const options = z.strictObject({
  trials: z.int().min(1).max(10_000).default(30).describe('Settings that are tried, each with the whole budget.'),
  startup: z.int().min(1).default(10).describe('How many of them are quasi-random and come first.'),
  parallel: z.int().min(1).default(1).describe('Settings that are chosen at a time, and can run at once, after those.'),
  candidates: z
    .int()
    .min(1)
    .default(24)
    .describe('Values drawn for each hyperparameter, of which the most promising is tried.'),
  gamma: z
    .enum(['tenth', 'root'])
    .default('tenth')
    .describe(
      "How many settings count as good: a tenth of them ('tenth'), or a quarter of their square root ('root').",
    ),
  priorWeight: z.number().positive().default(1).describe('Weight of the prior kernel; an observation has at most 1.'),
});

type TpeOptions = z.infer<typeof options>;

/**
 * Tree-structured Parzen estimator. The probes that ended are split in the better ones, of density l, and the others, of density g;
 * `candidates` numbers are drawn from l, and the one with the largest l / g, which orders them as the expected improvement does, is
 * tried next. Each hyperparameter by itself, in quantiles of its tuning range.
 *
 * The better ones are min(ceil(n / 10), 25) of n ('tenth', Optuna's rule) or min(ceil(sqrt(n) / 4), 25) ('root', that of Bergstra et
 * al. and hyperopt). Diverged probes are never among them. Within a round those proposed already count as bad until their results are
 * there, so that a round does not try one place twice (Optuna's `constant_liar`).
 *
 * Where it differs from Optuna: the first probes are quasi-random, not random.
 */
export const tpe: Tuner<TpeOptions> = {
  kind: 'tpe',
  summary: 'tree-structured Parzen estimator: draws where good settings were dense and bad ones were not',
  source:
    'J. Bergstra et al. (2011), "Algorithms for hyper-parameter optimization", NeurIPS 24, section 4; T. Akiba et al. (2019), "Optuna", arXiv:1907.10902',
  options,
  describe: ({ trials, startup }) =>
    `${trials} settings: ${Math.min(startup, trials)} quasi-random ones, then those a tree-structured Parzen estimator proposed`,
  advise: (study, given, results) =>
    adviseInRounds(JSON.stringify(['tpe', given]), study, given, results, (history, count, seed) =>
      propose(history, count, seed, given),
    ),
  most: ({ steps }, { trials }) => ({ probes: trials, steps: trials * steps }),
};

const better: { readonly [K in TpeOptions['gamma']]: (n: number) => number } = {
  tenth: (n) => Math.min(Math.ceil(n / 10), 25),
  root: (n) => Math.min(Math.ceil(Math.sqrt(n) / 4), 25),
};

function propose(history: History, count: number, seed: number, given: TpeOptions): Point[] {
  const { points, results } = history;
  const finite = inOrder(results);
  const good = new Set(finite.slice(0, better[given.gamma](results.length)));
  const goodPoints = points.filter((_, i) => good.has(i));
  const badPoints = points.filter((_, i) => !good.has(i));
  const proposed: Point[] = [];
  while (proposed.length < count) {
    const key = { seed, stream: 'tuner/tpe', step: points.length + proposed.length };
    proposed.push(nextPoint(goodPoints, [...badPoints, ...proposed], key, given));
  }
  return proposed;
}

function nextPoint(
  good: readonly Point[],
  bad: readonly Point[],
  key: { seed: number; stream: string; step: number },
  { candidates, priorWeight }: TpeOptions,
): Point {
  const dimensions = (good[0] ?? bad[0]).length;
  const uniform = new Float64Array(2 * candidates * dimensions);
  fillRandom(uniform, 'uniform', key);
  return Array.from({ length: dimensions }, (_, d) => {
    const l = parzen(
      good.map((point) => point[d]),
      priorWeight,
    );
    const g = parzen(
      bad.map((point) => point[d]),
      priorWeight,
    );
    let best = Number.NEGATIVE_INFINITY;
    let next = 0.5;
    for (let c = 0; c < candidates; c++) {
      const at = 2 * (d * candidates + c);
      const x = drawFrom(l, uniform[at], uniform[at + 1]);
      const ratio = logDensity(l, x) - logDensity(g, x);
      if (ratio > best) {
        best = ratio;
        next = x;
      }
    }
    return next;
  });
}
