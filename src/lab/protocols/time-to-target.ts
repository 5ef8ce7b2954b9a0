import type { Target } from '../../tasks/task.ts';
import { chooseTrial, endOf, metricOf } from '../analysis/ends.ts';
import { median } from '../analysis/statistics.ts';
import { plural } from '../format.ts';
import type { Choice, CompetitorPlan, Ended, RacePlan, TaskPlan, Trial, TrialPlan } from '../plan.ts';
import { type Protocol, ProtocolError } from './protocol.ts';
import { finalTrials } from './study.ts';
import { timeToTargetFindings } from './time-to-target-findings.ts';
import {
  fastest,
  isSelfTuning,
  rulesets,
  type Side,
  sides,
  studiesOf,
  type TimeToTargetOptions,
  timeToTargetOptions,
} from './time-to-target-studies.ts';

/**
 * Who reaches the target of a task first, tuning included. With external tuning a study tries some settings, drawn quasi-randomly from the
 * competitor's space, and its fastest run counts; a method that tunes itself has one longer run at its own values instead. A
 * competitor's time on a task is the median over studies.
 *
 * Studies are the measurement. After each, its setting runs once more on a final seed: the common tables of a race are made of these runs,
 * so that they show what a setting is worth apart from the luck of having been the best of five.
 */
export const timeToTargetProtocol: Protocol<TimeToTargetOptions> = {
  kind: 'time-to-target',
  summary: 'the time to reach the target of each task, in steps and in seconds, with a fixed effort of tuning',
  source:
    'G. Dahl et al. (2023), "Benchmarking neural network training algorithms", arXiv:2306.07179, and the rules of AlgoPerf v0.5 and v0.6',
  options: timeToTargetOptions,
  check(race, { selfTuning }) {
    if (selfTuning === 'auto') return;
    const labels = race.competitors.map(({ label }) => label);
    const unknown = selfTuning.find((label) => !labels.includes(label));
    if (unknown !== undefined) {
      throw new ProtocolError(
        `protocol.selfTuning names '${unknown}', which does not take part; competitors are ${labels.join(', ')}`,
      );
    }
  },
  describe(race, options) {
    const { limit } = options;
    const { selfTuningBudget } = rulesets[options.rules];
    const own = race.competitors.filter((competitor) => isSelfTuning(competitor, options));
    const external = race.competitors.filter((competitor) => !isSelfTuning(competitor, options));
    return [
      `What counts is the time until the target of a task is met, by the rules of AlgoPerf ${options.rules}, as the median over ${studiesOf(options)} ${studiesOf(options) === 1 ? 'study' : 'studies'}.`,
      ...(external.length > 0
        ? [
            `In each study ${names(external)} ran ${plural(options.trials, 'setting')}, drawn quasi-randomly from the tuning ranges, and the fastest run counts.`,
          ]
        : []),
      ...(own.length > 0
        ? [`${names(own)} ran once in each study without tuning, with ${selfTuningBudget} times the steps.`]
        : []),
      again(studiesOf(options), race.finalSeeds.length),
      `Scores are integrals of performance profiles up to ${limit} times the fastest.`,
    ].join(' ');
  },
  plan: (race, options, ended) =>
    sides(race, options).flatMap((side) => [...side.studies.flat(), ...finalsOf(race, side, ended)]),
  choices: (race, options, ended) =>
    sides(race, options).flatMap((side): Choice[] => {
      const winner = winnerOf(side, side.studies.flat(), ended);
      if (winner === undefined) return [];
      return [{ task: side.task.label, competitor: side.competitor.label, values: winner?.plan.values ?? null }];
    }),
  size(race, options) {
    const plans = sides(race, options).flatMap(({ task, competitor, steps, studies }) => [
      ...studies.flat(),
      ...finalTrials(race, task, competitor.label, {}).map((plan) => ({ ...plan, until: steps })),
    ]);
    return { trials: plans.length, steps: plans.reduce((sum, { until }) => sum + until, 0) };
  },
  findings: timeToTargetFindings,
};

/** Which settings ran again; see `finalsOf`. */
function again(studies: number, seeds: number): string {
  const which =
    seeds < studies
      ? seeds === 1
        ? "The first study's setting then ran once more, on a seed"
        : `The settings of the first ${seeds} studies then ran once more, each on a seed`
      : seeds === studies
        ? "Each study's setting then ran once more, on a seed"
        : `The studies' settings then ran again, by turns, on ${seeds} seeds`;
  return `${which} that no study saw; the ranking is by these runs.`;
}

/** The first of these to meet the target; if none did, the one that ended best; null where all failed. Undefined while they go on. */
function winnerOf({ task }: Side, plans: readonly TrialPlan[], ended: Ended): Trial | null | undefined {
  const trials = plans.flatMap(({ id }) => ended.get(id) ?? []);
  if (trials.length < plans.length) return undefined;
  return fastest(trials, 'step') ?? chooseTrial(trials, task.target.metric);
}

/** Final run i has the setting of study i; where there are more seeds than studies, these begin again. */
function finalsOf(race: RacePlan, side: Side, ended: Ended): TrialPlan[] {
  const { task, competitor, steps, studies } = side;
  const winners = studies.map((plans) => winnerOf(side, plans, ended));
  return finalTrials(race, task, competitor.label, {}).flatMap((plan, i) => {
    const winner = winners[i % winners.length];
    return winner ? [{ ...plan, values: winner.plan.values, steps, until: steps }] : [];
  });
}

const names = (competitors: readonly CompetitorPlan[]): string => competitors.map(({ label }) => label).join(', ');

/**
 * How AlgoPerf sets targets: the best configuration of a good baseline runs again on many seeds, and the target is the median
 * of what these runs end with. NaN where none ended.
 */
export function targetFrom(task: TaskPlan, reruns: readonly Trial[]): Target {
  const { metric } = task.target;
  const ends = reruns.flatMap((trial) => endOf(trial) ?? []);
  return { metric, value: ends.length === 0 ? Number.NaN : median(ends.map((end) => metricOf(metric, end))) };
}
