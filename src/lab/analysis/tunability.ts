import type { RacePlan, TaskPlan, Trial } from '../plan.ts';
import { oncePerRace } from '../protocols/once-per-race.ts';
import { type Draws, percentileInterval, resamples } from './bootstrap.ts';
import { endOf, metricOf } from './ends.ts';
import type { TunabilityCurve } from './score-types.ts';

/**
 * Expected best of k tuning trials: what tuning costs, and what it buys. Dodge et al. 2019 (arXiv:1909.03004) draw the k trials with
 * replacement: they may be the same trial twice, so their best comes out too poor. Here they are drawn without, the unbiased form of Tang
 * et al. 2020 (arXiv:2004.13705): with x1 <= ... <= xn it is the sum over i of xi C(n-i, k-1) / C(n, k).
 *
 * A trial that diverged or failed has no end. It counts as the worst end that any finished trial of the race had on this task: leaving
 * it out would reward methods that blow up, and an infinite loss would leave no mean.
 */
export function tunability(
  race: RacePlan,
  task: TaskPlan,
  tuning: ReadonlyMap<string, readonly Trial[]>,
): TunabilityCurve[] {
  if (!drawsIndependently(race)) return [];
  const ends = [...tuning].map(([competitor, trials]) => ({
    competitor,
    whole: trials.length > 0 && trials.every(({ plan }) => plan.until === task.steps && plan.from === undefined),
    ends: trials.map((trial) => endValue(trial, task.target.metric)),
  }));
  const worst = Math.max(...ends.flatMap(({ ends }) => ends).filter(Number.isFinite));
  const estimators = estimatorsOf(race, null);
  const estimatorOf = (n: number): BestOfK => {
    const known = estimators.get(n) ?? bestOfK(n, { seed: race.seed, stream: 'tunability' });
    estimators.set(n, known);
    return known;
  };
  return ends
    .filter(({ whole, ends }) => whole && ends.some(Number.isFinite))
    .map(({ competitor, ends }) => ({
      competitor,
      points: estimatorOf(ends.length)(ends.map((end) => (Number.isFinite(end) ? end : worst))),
    }));
}

/** By number of trials. Competitors share their search points, so they share the resamples too. */
const estimatorsOf = oncePerRace((): Map<number, BestOfK> => new Map());

/** Does the race draw settings without looking at what came out? Of trials that follow one another no k are as good as any other k. */
function drawsIndependently({ protocol: { kind, options } }: RacePlan): boolean {
  if (kind === 'time-to-target') return true;
  const tuner = (options as { readonly tuner?: { readonly kind?: string } } | null)?.tuner;
  return kind === 'equal-budget' && (tuner?.kind === undefined || tuner.kind === 'quasi-random');
}

const endValue = (trial: Trial, metric: string): number => {
  const end = endOf(trial);
  const value = end ? metricOf(metric, end) : Number.POSITIVE_INFINITY;
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
};

/** By c: C(c, k) / C(n, k), the chance that all k are among a certain c of the n. */
function chances(n: number, k: number): Float64Array {
  const chance = new Float64Array(n + 1);
  chance[n] = 1;
  for (let c = n; c > k; c--) chance[c - 1] = (chance[c] * (c - k)) / c;
  return chance;
}

/**
 * The weight of the i-th lowest of n values in the expected lowest of k, from the chances of n and k. `counts` says how often each was
 * drawn in a resample of n; without it they are there once each. Those beyond the last one that can be the lowest are left out.
 */
function weightsOf(chance: Float64Array, k: number, counts?: Uint32Array): Float64Array {
  const n = chance.length - 1;
  const weights = new Float64Array(n);
  let used = 0;
  for (let left = n; left >= k; used++) {
    const next = left - (counts ? counts[used] : 1);
    weights[used] = chance[left] - chance[next];
    left = next;
  }
  return weights.subarray(0, used);
}

function weighted(sorted: Float64Array, weights: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += sorted[i] * weights[i];
  return sum;
}

const times = 250;
const mostPoints = 12;

/** Of n values: the expected lowest of k, and its interval. */
type BestOfK = (values: readonly number[]) => TunabilityCurve['points'];

/**
 * At up to 12 values of k, evenly spaced in their logarithm, with the 95% percentile interval of the bootstrap over trials. Near k = n
 * the interval only knows trials that were seen: it cannot say how much better an unseen one would be.
 */
export function bestOfK(n: number, draws: Draws): BestOfK {
  const rows = resamples(n, times, draws);
  const counts = Array.from({ length: rows.length / n }, (_, r) => {
    const own = new Uint32Array(n);
    for (let i = 0; i < n; i++) own[rows[r * n + i]]++;
    return own;
  });
  const points = budgets(n).map((k) => {
    const chance = chances(n, k);
    return { k, weights: weightsOf(chance, k), resampled: counts.map((own) => weightsOf(chance, k, own)) };
  });
  return (values) => {
    const sorted = Float64Array.from(values).sort();
    return points.map(({ k, weights, resampled }) => ({
      k,
      mean: weighted(sorted, weights),
      ...percentileInterval(resampled.map((own) => weighted(sorted, own))),
    }));
  };
}

const budgets = (n: number): number[] => [
  ...new Set(
    Array.from({ length: Math.min(n, mostPoints) }, (_, i) =>
      n <= mostPoints ? i + 1 : Math.round(n ** (i / (mostPoints - 1))),
    ),
  ),
];
