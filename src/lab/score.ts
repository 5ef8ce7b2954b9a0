import type { OracleCalls } from '../optim/oracle.ts';
import { isLearningRate } from '../optim/schedules/schedule.ts';
import type { Evaluation } from '../train/result.ts';
import type { CompetitorPlan, Outcome, Phase, Protocol, Trial, Values } from './protocol.ts';
import { differ, type Estimate, estimate, mean, median } from './statistics.ts';

/** How many trials of one phase ended in which way. */
export type Tally = { readonly [K in Outcome['status']]: number };

/** Oracle calls of one step, by kind, on average over a run. */
export type CallsPerStep = OracleCalls;

/** What a race says about one competitor. */
export interface Row {
  readonly competitor: CompetitorPlan;
  /** From 1, by the rule of `rankRows`; null without sound final runs. */
  readonly rank: number | null;
  /** Does another one have the same rank? */
  readonly tied: boolean;
  /** Did the first one do better beyond the 95% interval? */
  readonly behindFirst: boolean;
  readonly tuning: Tally;
  readonly final: Tally;
  /** The setting that won the tuning; null when no tuning trial finished. */
  readonly best: Values | null;
  /** The target's metric, at the end of the final runs. */
  readonly validation: Estimate;
  readonly validationLoss: Estimate;
  readonly test: Estimate;
  readonly testLoss: Estimate;
  readonly toTarget: {
    /** Final runs that met the target, of all finished ones. */
    readonly reached: number;
    readonly runs: number;
    /** Over the runs that met it. */
    readonly steps: Estimate;
    readonly seconds: Estimate;
  };
  /** Steps to target of the baseline over steps to target of this one; null where either missed it in any run. */
  readonly speedUp: number | null;
  readonly cost: RowCost | null;
  readonly sensitivity: Sensitivity;
}

export interface RowCost {
  readonly calls: CallsPerStep;
  readonly stateBytesPerParameter: number;
  /** Median over runs of the median over steps. */
  readonly millisecondsPerStep: number;
}

/** How the end of training depends on the learning rate, over the tuning trials. */
export interface Sensitivity {
  /** Null where no learning rate was tuned. */
  readonly hyper: string | null;
  readonly points: readonly { readonly value: number; readonly loss: number | null }[];
  /** Share of the tuning trials whose final validation loss is at most `tolerance` times the best one of this competitor. */
  readonly nearBest: number;
}

/** What 'nearly as good as the best setting' means in Sensitivity. */
export const tolerance = 1.25;

/** Value of the target's metric at an evaluation. */
export const metricOf = (metric: string, evaluation: Evaluation): number =>
  metric === 'loss' ? evaluation.loss : evaluation.metrics[metric];

/** The last evaluation of a run that went to its end; null for every other run. Never the best one seen. */
export const endOf = ({ outcome }: Trial): Evaluation | null =>
  outcome.status === 'finished' ? (outcome.validation.at(-1) ?? null) : null;

/** The tuning trial that ended best by the target's metric, then by loss, then by order; null if none finished. */
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

/** The table of a race, best first. Competitors without a complete final run come last, in the order of the protocol. */
export function scoreRace(protocol: Protocol, trials: readonly Trial[]): readonly Row[] {
  const { metric } = protocol.target;
  const of = (label: string, phase: Phase) =>
    trials
      .filter(({ plan }) => plan.competitor === label && plan.phase === phase)
      .sort((a, b) => a.plan.index - b.plan.index);
  const finals = new Map(protocol.competitors.map(({ label }) => [label, of(label, 'final')]));
  const baseline = protocol.baseline === null ? null : stepsToTarget(finals.get(protocol.baseline) ?? []);

  const rows = protocol.competitors.map((competitor) =>
    scoreCompetitor(competitor, of(competitor.label, 'tune'), finals.get(competitor.label) ?? [], metric, baseline),
  );
  return rankRows(rows, (row) => endValues(finals.get(row.competitor.label) ?? [], metric));
}

function scoreCompetitor(
  competitor: CompetitorPlan,
  tuning: readonly Trial[],
  final: readonly Trial[],
  metric: string,
  baseline: number | null,
): Row {
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
    best: chooseTrial(tuning, metric)?.plan.values ?? null,
    validation: estimate(ends.map((end) => metricOf(metric, end))),
    validationLoss: estimate(ends.map(({ loss }) => loss)),
    test: estimate(tests.map((end) => metricOf(metric, end))),
    testLoss: estimate(tests.map(({ loss }) => loss)),
    toTarget: {
      reached: reached.length,
      runs: finished.length,
      steps: estimate(reached.map(({ step }) => step)),
      seconds: estimate(reached.map(({ seconds }) => seconds)),
    },
    speedUp: baseline !== null && steps !== null ? baseline / steps : null,
    cost: costOf(finished),
    sensitivity: sensitivityOf(competitor, tuning),
  };
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
  return {
    calls: {
      loss: perStep('loss'),
      gradient: perStep('gradient'),
      hessianVector: perStep('hessianVector'),
      perExample: perStep('perExample'),
    },
    stateBytesPerParameter: finished[0].outcome.cost.stateBytesPerParameter,
    millisecondsPerStep: median(finished.map(({ outcome }) => outcome.cost.millisecondsPerStep)),
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

/** The first tuned learning rate. */
export const learningRateOf = ({ space }: CompetitorPlan): string | null =>
  Object.keys(space).find(isLearningRate) ?? null;

function sensitivityOf(competitor: CompetitorPlan, tuning: readonly Trial[]): Sensitivity {
  const hyper = learningRateOf(competitor);
  const ended = tuning.filter(({ outcome }) => outcome.status === 'finished' || outcome.status === 'diverged');
  const losses = ended.map((trial) => endOf(trial)?.loss ?? null);
  const best = Math.min(...losses.map((loss) => loss ?? Number.POSITIVE_INFINITY));
  const near = losses.filter((loss) => loss !== null && loss <= best * tolerance).length;
  return {
    hyper,
    points: hyper === null ? [] : ended.map(({ plan }, i) => ({ value: Number(plan.values[hyper]), loss: losses[i] })),
    nearBest: ended.length === 0 ? Number.NaN : near / ended.length,
  };
}

/** By run seed, so that two competitors can be compared on the seeds they share. */
const endValues = (final: readonly Trial[], metric: string): ReadonlyMap<number, number> =>
  new Map(
    final.flatMap((trial) => {
      const end = endOf(trial);
      return end ? [[trial.plan.seed, metricOf(metric, end)] as const] : [];
    }),
  );

/** A method that diverged or failed on any final seed comes after all that did not. */
const isSound = ({ final }: Row): boolean => final.finished > 0 && final.diverged === 0 && final.failed === 0;

/**
 * In the order of the means. A competitor shares the rank of the one before it unless the best of that rank did better beyond the 95%
 * interval; then its rank is its place. A method whose seeds scatter so much that nothing can be told of it does not share the first
 * rank past others that are known to be worse.
 */
function rankRows(rows: readonly Row[], values: (row: Row) => ReadonlyMap<number, number>): readonly Row[] {
  const sound = rows
    .filter(isSound)
    .sort((a, b) => a.validation.mean - b.validation.mean || a.validationLoss.mean - b.validationLoss.mean);
  const ranks: number[] = [];
  sound.forEach((row, i) => {
    const before = ranks[i - 1] ?? 1;
    const best = sound[before - 1];
    ranks.push(i > 0 && areDifferent(values(best), values(row)) ? i + 1 : before);
  });
  return [
    ...sound.map((row, i) => ({
      ...row,
      rank: ranks[i],
      tied: ranks.filter((other) => other === ranks[i]).length > 1,
      behindFirst: i > 0 && areDifferent(values(sound[0]), values(row)),
    })),
    ...rows.filter((row) => !isSound(row)),
  ];
}

function areDifferent(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): boolean {
  const seeds = [...a.keys()].filter((seed) => b.has(seed));
  return differ(
    seeds.map((seed) => a.get(seed) as number),
    seeds.map((seed) => b.get(seed) as number),
  );
}

/** One sentence that claims no more than the intervals hold. */
export function headline(rows: readonly Row[], metricName: string): string {
  const ranked = rows.filter((row) => row.rank !== null);
  if (ranked.length === 0) return 'No competitor finished a final run.';
  const first = ranked.filter((row) => row.rank === 1).map((row) => row.competitor.label);
  const seeds = Math.min(...ranked.map((row) => row.validation.count));
  if (ranked.length === 1) return `${first[0]} is the only competitor that finished its final runs.`;
  if (seeds < 2)
    return 'No winner can be named: with one final seed there is no interval to tell the competitors apart.';
  const seedless = ranked.every(({ validation }) => validation.halfWidth === 0);
  const over = seedless ? 'on a task where the seed makes no difference' : `over ${seeds} seeds`;
  if (first.length === ranked.length) {
    return `No winner: the ${metricName} of all ${first.length} cannot be told apart ${over}.`;
  }
  if (first.length > 1) return `${listOf(first)} share first place: their ${metricName} cannot be told apart ${over}.`;
  const scattered = ranked.filter((row) => row.rank !== 1 && !row.behindFirst).map((row) => row.competitor.label);
  const claim = `${first[0]} has the lowest ${metricName} ${over}`;
  if (seedless) return `${claim}.`;
  return scattered.length === 0
    ? `${claim}, beyond the interval of every other.`
    : `${claim}, beyond the interval of every other but ${listOf(scattered)}, whose seeds scatter.`;
}

export const listOf = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
