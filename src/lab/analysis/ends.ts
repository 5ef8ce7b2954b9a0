import type { Evaluation } from '../../train/result.ts';
import type { Trial } from '../plan.ts';

/** How a run ended, in the number that its task is judged by. Lower is better throughout. */

/** Value of the target's metric at an evaluation. */
export const metricOf = (metric: string, evaluation: Evaluation): number =>
  metric === 'loss' ? evaluation.loss : evaluation.metrics[metric];

/** The last evaluation of a run that went to its end; null for every other run. Never the best one seen. */
export const endOf = ({ outcome }: Trial): Evaluation | null =>
  outcome.status === 'finished' ? (outcome.validation.at(-1) ?? null) : null;

/** The metric at the end by run seed, so that two competitors can be compared on the seeds they share. */
export type SeedValues = ReadonlyMap<number, number>;

export const seedValues = (final: readonly Trial[], metric: string): SeedValues =>
  new Map(
    final.flatMap((trial) => {
      const end = endOf(trial);
      return end ? [[trial.plan.seed, metricOf(metric, end)] as const] : [];
    }),
  );

/** The trial that ended best by the target's metric, then by loss, then by order; null if none finished. */
export function chooseTrial(trials: readonly Trial[], metric: string): Trial | null {
  const ended = trials.flatMap((trial) => {
    const end = endOf(trial);
    return end && Number.isFinite(metricOf(metric, end)) && Number.isFinite(end.loss) ? [{ trial, end }] : [];
  });
  ended.sort(
    (a, b) =>
      metricOf(metric, a.end) - metricOf(metric, b.end) ||
      a.end.loss - b.end.loss ||
      a.trial.plan.index - b.trial.plan.index,
  );
  return ended[0]?.trial ?? null;
}
