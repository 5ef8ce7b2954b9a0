import type { OracleCalls } from '../../optim/oracle.ts';
import type { CompetitorPlan, Outcome, RacePlan, TaskPlan, Trial, Values } from '../plan.ts';
import { probabilityBest } from './best.ts';
import { chooseTrial, endOf, metricOf, type SeedValues, seedValues } from './ends.ts';
import { pairedDifference } from './paired.ts';
import { places } from './ranks.ts';
import type { Row, RowCost, Tally } from './score-types.ts';
import { nearBest, sensitivities } from './sensitivity.ts';
import { estimate, mean, median } from './statistics.ts';

/** The trials of one competitor on one task, in their order. */
export interface OwnTrials {
  readonly tuning: readonly Trial[];
  readonly final: readonly Trial[];
}

/** Has it final runs, and came every one of them to a finite end? A method that diverged on any final seed comes after all that did not. */
export const isSound = ({ final }: OwnTrials, { target: { metric } }: TaskPlan): boolean =>
  final.length > 0 &&
  final.every((trial) => {
    const end = endOf(trial);
    return end !== null && Number.isFinite(metricOf(metric, end));
  });

/** The table of one task, best first. Competitors without sound final runs come last, in the order of the plan. */
export function scoreRows(race: RacePlan, task: TaskPlan, trialsOf: (label: string) => OwnTrials): Row[] {
  const { metric } = task.target;
  const baseline = race.baseline === null ? null : stepsToTarget(trialsOf(race.baseline).final);
  const rows = race.competitors.map((competitor) =>
    scoreCompetitor(competitor, trialsOf(competitor.label), metric, baseline),
  );
  const sound = rows
    .filter(({ competitor }) => isSound(trialsOf(competitor.label), task))
    .sort((a, b) => a.validation.mean - b.validation.mean || a.validationLoss.mean - b.validationLoss.mean);
  const values = sound.map(({ competitor }) => seedValues(trialsOf(competitor.label).final, metric));
  return [...placed(race, task, sound, values), ...rows.filter((row) => !sound.includes(row))];
}

function placed(race: RacePlan, task: TaskPlan, rows: readonly Row[], values: readonly SeedValues[]): Row[] {
  const best = probabilityBest(values, { seed: race.seed, stream: `best/${task.label}` });
  return places(values).map((place, i) => ({
    ...rows[i],
    ...place,
    behind: i === 0 ? null : pairedDifference(values[i], values[0]),
    probabilityBest: best[i],
  }));
}

function scoreCompetitor(competitor: CompetitorPlan, own: OwnTrials, metric: string, baseline: number | null): Row {
  const { tuning, final } = own;
  const finished = final.filter(({ outcome }) => outcome.status === 'finished');
  const ends = finished.flatMap((trial) => endOf(trial) ?? []);
  const tests = finished.flatMap(({ outcome }) => outcome.test ?? []);
  const reached = finished.flatMap(({ outcome }) => outcome.targetReached ?? []);
  const steps = stepsToTarget(final);
  return {
    competitor,
    rank: null,
    tied: false,
    behindFirst: false,
    tuning: tally(tuning),
    final: tally(final),
    best: bestSetting(own, metric),
    validation: estimate(ends.map((end) => metricOf(metric, end))),
    validationLoss: estimate(ends.map(({ loss }) => loss)),
    test: estimate(tests.map((end) => metricOf(metric, end))),
    testLoss: estimate(tests.map(({ loss }) => loss)),
    behind: null,
    probabilityBest: Number.NaN,
    toTarget: {
      reached: reached.length,
      runs: finished.length,
      steps: estimate(reached.map(({ step }) => step)),
      seconds: estimate(reached.map(({ seconds }) => seconds)),
    },
    speedUp: baseline !== null && steps !== null ? baseline / steps : null,
    cost: costOf(finished),
    sensitivity: sensitivities(competitor, tuning),
    nearBest: nearBest(tuning),
  };
}

/** That of the final runs; of the best one where they differ. Before these began, the best of the longest tuning trials. */
function bestSetting({ tuning, final }: OwnTrials, metric: string): Values | null {
  if (final.length > 0) return (chooseTrial(final, metric) ?? final[0]).plan.values;
  const longest = Math.max(...tuning.map(({ plan }) => plan.until));
  return (
    chooseTrial(
      tuning.filter(({ plan }) => plan.until === longest),
      metric,
    )?.plan.values ?? null
  );
}

/** Mean steps to target over final runs; null unless every run met it. */
function stepsToTarget(final: readonly Trial[]): number | null {
  const steps = final.flatMap(({ outcome }) =>
    outcome.status === 'finished' && outcome.targetReached ? [outcome.targetReached.step] : [],
  );
  return final.length > 0 && steps.length === final.length ? mean(steps) : null;
}

function costOf(finished: readonly Trial[]): RowCost | null {
  if (finished.length === 0) return null;
  const perStep = (kind: keyof OracleCalls) =>
    mean(finished.map(({ outcome: { cost, steps } }) => cost.calls[kind] / Math.max(1, steps)));
  const peaks = finished.map(({ outcome }) => outcome.peakBytes).filter((bytes) => !Number.isNaN(bytes));
  return {
    calls: {
      loss: perStep('loss'),
      gradient: perStep('gradient'),
      hessianVector: perStep('hessianVector'),
      perExample: perStep('perExample'),
    },
    stateBytesPerParameter: finished[0].outcome.cost.stateBytesPerParameter,
    millisecondsPerStep: median(finished.map(({ outcome }) => outcome.cost.millisecondsPerStep)),
    peakBytes: peaks.length === 0 ? Number.NaN : Math.max(...peaks),
  };
}

function tally(trials: readonly Trial[]): Tally {
  const count = (status: Outcome['status']) => trials.filter(({ outcome }) => outcome.status === status).length;
  return {
    finished: count('finished'),
    diverged: count('diverged'),
    failed: count('failed'),
    interrupted: count('interrupted'),
  };
}
