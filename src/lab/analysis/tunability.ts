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
  const sound = ends
    .filter(({ whole, ends }) => whole && ends.some(Number.isFinite))
    .map(({ competitor, ends }) => ({ competitor, values: ends.map((end) => (Number.isFinite(end) ? end : worst)) }));
  const curves = new Map<string, TunabilityCurve['points']>();
  for (const [n, own] of Map.groupBy(sound, ({ values }) => values.length)) {
    const points = estimatorOf(n)(own.map(({ values }) => values));
    for (const [i, { competitor }] of own.entries()) curves.set(competitor, points[i]);
  }
  return sound.map(({ competitor }) => ({ competitor, points: curves.get(competitor) ?? [] }));
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

/** Weights of sorted values by their places; the first `used` of both lists are meant. */
interface Weights {
  readonly places: Uint32Array;
  readonly weights: Float64Array;
}

/**
 * A value weighs as much as it lowers the chance that all k are among those above it. `counts`, from `start` on, says how often each place was
 * drawn in a resample of n. Those beyond the last one that can be the lowest are left out. Gives how many are used.
 */
function weigh(
  { places, weights }: Weights,
  chance: Float64Array,
  k: number,
  counts: Uint32Array,
  start: number,
): number {
  let used = 0;
  for (let place = 0, left = chance.length - 1; left >= k; place++) {
    const count = counts[start + place];
    if (count === 0) continue;
    places[used] = place;
    weights[used++] = chance[left] - chance[left - count];
    left -= count;
  }
  return used;
}

function weighted(sorted: Float64Array, { places, weights }: Weights, used: number): number {
  let sum = 0;
  for (let i = 0; i < used; i++) sum += sorted[places[i]] * weights[i];
  return sum;
}

const times = 250;
const mostPoints = 12;

/** Of lists of n values each: the expected lowest of k, and its interval. */
type BestOfK = (lists: readonly (readonly number[])[]) => TunabilityCurve['points'][];

/**
 * At up to 12 values of k, evenly spaced in their logarithm, with the 95% percentile interval of the bootstrap over trials. Near k = n
 * the interval only knows trials that were seen: it cannot say how much better an unseen one would be.
 */
export function bestOfK(n: number, draws: Draws): BestOfK {
  const rows = resamples(n, times, draws);
  const counts = new Uint32Array(rows.length);
  for (let i = 0; i < rows.length; i++) counts[i - (i % n) + rows[i]]++;
  const once = new Uint32Array(n).fill(1);
  const points = budgets(n).map((k) => ({ k, chance: chances(n, k) }));
  const row: Weights = { places: new Uint32Array(n), weights: new Float64Array(n) };
  return (lists) => {
    const sorted = lists.map((values) => new Float64Array(values).sort());
    const resampled = lists.map(() => new Float64Array(counts.length / n));
    const curves = lists.map((): TunabilityCurve['points'][number][] => []);
    for (const { k, chance } of points) {
      for (let start = 0, r = 0; start < counts.length; start += n, r++) {
        const used = weigh(row, chance, k, counts, start);
        for (let list = 0; list < sorted.length; list++) resampled[list][r] = weighted(sorted[list], row, used);
      }
      const used = weigh(row, chance, k, once, 0);
      for (const [list, curve] of curves.entries()) {
        curve.push({ k, mean: weighted(sorted[list], row, used), ...percentileInterval(resampled[list]) });
      }
    }
    return curves;
  };
}

const budgets = (n: number): number[] => [
  ...new Set(
    Array.from({ length: Math.min(n, mostPoints) }, (_, i) =>
      n <= mostPoints ? i + 1 : Math.round(n ** (i / (mostPoints - 1))),
    ),
  ),
];
