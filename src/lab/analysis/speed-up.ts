import type { RacePlan, TaskPlan, Trial } from '../plan.ts';
import { meanWeights } from './best.ts';
import { dataEquivalent, fitLossLaw, type LossLaw } from './data-equivalent.ts';
import { type SeedValues, seedValues } from './ends.ts';
import { type Estimate, estimate } from './statistics.ts';

/** How much less data a competitor needs than the baseline for its loss at one scale. */
export interface SpeedUp {
  readonly competitor: string;
  readonly task: TaskPlan;
  /** Validation loss at the end of the final runs. */
  readonly loss: Estimate;
  /** Data-equivalent speed-up over the baseline; null where it cannot be told. */
  readonly value: number | null;
  /** 95% interval; NaN where there is none, infinite where the loss may lie below all that the baseline can reach. */
  readonly low: number;
  readonly high: number;
  /** Why there is no value, or no interval. */
  readonly why: string | null;
}

const replicates = 500;

/** One for each final seed; they sum to 1. */
type Weights = ArrayLike<number>;

/** A data-equivalent is stated up to this many times beyond the data that the baseline was run with, either way. */
const reach = 2;

/**
 * The data-equivalent speed-ups at all scales, by the law of `fitLossLaw` fitted to the baseline for each model size. The interval is the
 * range of the middle 95% of 500 draws of all mean losses by Student's t over the run seeds (`meanWeights`), fit and all: a bootstrap over a
 * handful of seeds would be too narrow. Draws are joint for baseline and competitor, whose runs share initial parameters and data order.
 * Speed-ups of the baseline over itself are left out.
 */
export function speedUps(race: RacePlan, trials: readonly Trial[]): readonly SpeedUp[] {
  const { tasks, baseline, competitors, finalSeeds } = race;
  const others = competitors.filter(({ label }) => label !== baseline);
  const ends = new Map<string, SeedValues>();
  for (const task of tasks) {
    for (const { label } of competitors) {
      const runs = trials.filter(
        ({ plan }) => plan.phase === 'final' && plan.task === task.label && plan.competitor === label,
      );
      ends.set(`${task.label}/${label}`, seedValues(runs, 'loss'));
    }
  }
  /** Mean loss with a weight for each seed; NaN when a run is missing or did not finish. */
  const lossOf = (task: TaskPlan, competitor: string, weights: Weights): number => {
    const values = ends.get(`${task.label}/${competitor}`);
    return finalSeeds.reduce((sum, seed, i) => sum + weights[i] * (values?.get(seed) ?? Number.NaN), 0);
  };
  const lawFor = (size: readonly TaskPlan[], weights: Weights): LossLaw | string =>
    fitLossLaw(size.map((task) => ({ data: dataOf(task), loss: lossOf(task, baseline ?? '', weights) })));
  const count = finalSeeds.length;
  const equal = finalSeeds.map(() => 1 / count);
  const rows = meanWeights(count, replicates, { seed: race.seed, stream: 'speed-up' });
  const drawn = Array.from({ length: replicates }, (_, r) => rows.subarray(r * count, (r + 1) * count));

  return [...Map.groupBy(tasks, ({ scale }) => scale?.size).values()].flatMap((size) => {
    const law = lawFor(size, equal);
    const laws = typeof law === 'string' || count < 2 ? [] : drawn.map((weights) => lawFor(size, weights));
    const amounts = size.map(dataOf);
    return size.flatMap((task) =>
      others.map(({ label }): SpeedUp => {
        const loss = estimate([...(ends.get(`${task.label}/${label}`)?.values() ?? [])]);
        const none = { competitor: label, task, loss, value: null, low: Number.NaN, high: Number.NaN };
        const reached = lossOf(task, label, equal);
        if (Number.isNaN(reached)) return { ...none, why: 'a final run did not finish' };
        if (typeof law === 'string') return { ...none, why: law };
        const data = dataEquivalent(law, reached);
        if (data > reach * Math.max(...amounts)) {
          return { ...none, why: `the baseline would need more than ${reach} times the most data it was run with` };
        }
        if (data < Math.min(...amounts) / reach) {
          return { ...none, why: `the baseline would need less than 1/${reach} of the least data it was run with` };
        }
        const value = data / dataOf(task);
        if (laws.length === 0) return { ...none, value, why: 'no interval from one seed' };
        const seen = laws.map((one, i) =>
          typeof one === 'string' ? Number.NaN : dataEquivalent(one, lossOf(task, label, drawn[i])) / dataOf(task),
        );
        const sorted = seen.filter((one) => !Number.isNaN(one)).sort((a, b) => a - b);
        if (sorted.length < 0.95 * seen.length) {
          return {
            ...none,
            value,
            why: 'no interval: the losses of the baseline scatter too much to have the form of the law',
          };
        }
        const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))];
        return { ...none, value, low: at(0.025), high: at(0.975), why: null };
      }),
    );
  });
}

const dataOf = ({ scale }: TaskPlan): number => scale?.ratio ?? Number.NaN;
