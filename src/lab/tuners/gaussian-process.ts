import { z } from 'zod';
import { fillRandom } from '../../runtime/random.ts';
import { unitPoints } from '../search/search.ts';
import { fitKernel } from './fit-kernel.ts';
import { condition, expectedImprovement, type Posterior } from './gp.ts';
import { adviseInRounds, type History, type Point } from './rounds.ts';
import type { Tuner } from './tuner.ts';
import { warpScores } from './warp.ts';

const options = z.strictObject({
  // The model of n settings takes time in proportion to n^3.
  trials: z.int().min(1).max(500).default(30).describe('Settings that are tried, each with the whole budget.'),
  startup: z.int().min(1).default(5).describe('How many of them are quasi-random and come first.'),
  parallel: z.int().min(1).default(1).describe('Settings that are chosen at a time, and can run at once, after those.'),
  margin: z
    .number()
    .min(0)
    .default(0)
    .describe(
      'By how much a setting must be better to count as an improvement, in standard deviations of the warped scores.',
    ),
});

type GaussianProcessOptions = z.infer<typeof options>;

/**
 * Bayesian optimization: a Gaussian process is fitted to all scores so far, and the place of the largest expected improvement is tried
 * next. Points are quantiles of the tuning ranges, scores are warped and standardised (`warpScores`: a probe that diverged counts as
 * the worst), the kernel is Matérn-5/2 with a length for each hyperparameter, chosen by maximum likelihood.
 *
 * Within a round each point that is proposed counts as measured, with the best score so far, when the next one is chosen: the constant
 * liar with the minimum (Ginsbourger, Le Riche & Carraro 2010, Kriging is well-suited to parallelize optimization).
 */
export const gaussianProcess: Tuner<GaussianProcessOptions> = {
  kind: 'gaussian-process',
  summary: 'Bayesian optimization: a Gaussian process of the scores, and its largest expected improvement',
  source:
    'D. Jones, M. Schonlau and W. Welch (1998), "Efficient global optimization of expensive black-box functions", Journal of Global Optimization 13; J. Snoek, H. Larochelle and R. Adams (2012), "Practical Bayesian optimization of machine learning algorithms", arXiv:1206.2944',
  options,
  describe: ({ trials, startup }) =>
    `${trials} settings: ${Math.min(startup, trials)} quasi-random ones, then those where a Gaussian process expected most improvement`,
  advise: (study, given, results) =>
    adviseInRounds(JSON.stringify(['gaussian-process', given]), study, given, results, (history, count, seed) =>
      propose(history, count, seed, given),
    ),
  most: ({ steps }, { trials }) => ({ probes: trials, steps: trials * steps }),
};

function propose(
  { points, results }: History,
  count: number,
  seed: number,
  { margin }: GaussianProcessOptions,
): Point[] {
  const scores = warpScores(results.map(({ score }) => score));
  const kernel = fitKernel(points, scores, seed);
  const best = Math.min(...scores);
  const known = [...points];
  const values = [...scores];
  const proposed: Point[] = [];
  while (proposed.length < count) {
    const posterior = condition(known, values, kernel);
    // Without one, two points are next to each other with next to no noise: any other place is better then.
    const next = posterior
      ? mostPromising(posterior, best, margin, known, values, seed)
      : anywhere(points[0].length, seed, known.length);
    proposed.push(next);
    known.push(next);
    values.push(best);
  }
  return proposed;
}

const spread = 512;
const nearby = 64;
const climbed = 5;

/** Where the expected improvement is largest: the best of many points all over and around the best so far, then a compass search. */
function mostPromising(
  posterior: Posterior,
  best: number,
  margin: number,
  known: readonly Point[],
  values: readonly number[],
  seed: number,
): Point {
  const dimensions = known[0].length;
  const improvement = (x: Point): number => expectedImprovement(posterior.predict(x), best, margin);
  const leaders = values.map((_, i) => i).sort((i, j) => values[i] - values[j] || i - j);
  const around = leaders.slice(0, 3).flatMap((i, place) => {
    const scale = place === 0 ? 0.02 : 0.1;
    const noise = new Float64Array(nearby * dimensions);
    fillRandom(noise, 'normal', { seed, stream: `tuner/gaussian-process/near${place}`, step: known.length });
    return Array.from({ length: nearby }, (_, k) =>
      known[i].map((u, d) => clip(u + scale * noise[k * dimensions + d])),
    );
  });
  const candidates: Point[] = [...unitPoints('sobol', spread, dimensions, seed + known.length), ...around];
  const ranked = candidates
    .map((x, i) => ({ x, i, value: improvement(x) }))
    .sort((a, b) => b.value - a.value || a.i - b.i);
  let top = ranked[0];
  for (const start of ranked.slice(0, climbed)) {
    const end = climb(start.x, start.value, improvement);
    if (end.value > top.value) top = { ...end, i: start.i };
  }
  return top.x;
}

const clip = (u: number): number => Math.min(1, Math.max(0, u));

/** Compass search (Kolda, Lewis & Torczon 2003): a step along an axis where that is better, else steps of half the length. */
function climb(start: Point, from: number, of: (x: Point) => number): { readonly x: Point; readonly value: number } {
  let x = start;
  let value = from;
  for (let length = 0.05; length > 5e-4; ) {
    let better = false;
    for (let d = 0; d < x.length; d++) {
      for (const sign of [1, -1]) {
        const there = x.with(d, clip(x[d] + sign * length));
        const found = of(there);
        if (found > value) {
          x = there;
          value = found;
          better = true;
        }
      }
    }
    if (!better) length /= 2;
  }
  return { x, value };
}

function anywhere(dimensions: number, seed: number, step: number): Point {
  const drawn = new Float64Array(dimensions);
  fillRandom(drawn, 'uniform', { seed, stream: 'tuner/gaussian-process/anywhere', step });
  return [...drawn];
}
