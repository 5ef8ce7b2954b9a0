import { geometricSpeedUp, profileScore, ratiosToFastest } from '../analysis/profiles.ts';
import { median } from '../analysis/statistics.ts';
import { nothing, number, score, whole } from '../format.ts';
import type { Ended, RacePlan, TaskPlan, Trial } from '../plan.ts';
import type { Finding } from './protocol.ts';
import { isSelfTuning, type Side, sides, type TimeToTargetOptions, timeOf } from './time-to-target-studies.ts';

/** The times of the studies of one competitor on one task. */
interface Times extends Pick<Side, 'task' | 'competitor'> {
  readonly steps: readonly number[];
  readonly seconds: readonly number[];
}

/** Time of each study, by its fastest trial in that unit; infinite where none met the target. */
function studyTimes(studies: readonly (readonly Trial[])[], unit: 'step' | 'seconds'): number[] {
  return studies.map((trials) => Math.min(...trials.map((trial) => timeOf(trial, unit))));
}

const inUnits = (time: number, unit: 'step' | 'seconds'): string => {
  if (!Number.isFinite(time)) return 'missed';
  return unit === 'step' ? whole(Math.round(time)) : `${number(time)} s`;
};

/** The score of each competitor, and its times on each task. */
export function timeToTargetFindings(
  race: RacePlan,
  options: TimeToTargetOptions,
  trials: readonly Trial[],
): Finding[] {
  const ended: Ended = new Map(trials.map((trial) => [trial.plan.id, trial]));
  const all = sides(race, options).map(({ task, competitor, studies }): Times => {
    const runs = studies.map((plans) => plans.flatMap(({ id }) => ended.get(id) ?? []));
    return { task, competitor, steps: studyTimes(runs, 'step'), seconds: studyTimes(runs, 'seconds') };
  });
  const table = (read: (times: Times) => readonly number[]): number[][] =>
    race.competitors.map((_, c) => race.tasks.map((_, w) => median(read(all[w * race.competitors.length + c]))));
  const steps = table((times) => times.steps);
  const seconds = table((times) => times.seconds);
  return [
    scores(race, options, steps, seconds),
    ...race.tasks.map((task, w) => times(race, task, w, all, steps, seconds)),
  ];
}

function scores(race: RacePlan, options: TimeToTargetOptions, steps: number[][], seconds: number[][]): Finding {
  const baseline = race.competitors.findIndex(({ label }) => label === race.baseline);
  const bySteps = ratiosToFastest(steps).map((ratios) => profileScore(ratios, options));
  const bySeconds = ratiosToFastest(seconds).map((ratios) => profileScore(ratios, options));
  const speedUp = (times: number[][], c: number): string => {
    const found = baseline < 0 ? null : geometricSpeedUp(times[c], times[baseline]);
    if (found === null) return nothing;
    const text = `${found.speedUp.toFixed(2)}×`;
    return found.tasks === race.tasks.length ? text : `${text} (${found.tasks} of ${race.tasks.length} tasks)`;
  };
  const order = race.competitors
    .map((_, c) => c)
    .sort((a, b) => bySteps[b] - bySteps[a] || bySeconds[b] - bySeconds[a]);
  return {
    title: 'Benchmark score',
    note: `Mean height of the performance profile between 1 and ${options.limit} times the fastest: 1 for the fastest on every task, 0 for who met no target in time. It is relative to this field: without the fastest the others' scores would be others.${
      baseline < 0
        ? ''
        : ` Speed-ups are geometric means over the tasks whose targets both met, against ${race.baseline}.`
    } The tables of time to target below are these studies'; the ranking is of the chosen settings, run again.`,
    columns: [
      { head: 'optimizer', align: 'left' },
      { head: 'tuning', align: 'left' },
      { head: 'score in steps', align: 'right' },
      { head: 'score in seconds', align: 'right' },
      { head: 'speed-up in steps', align: 'right' },
      { head: 'speed-up in seconds', align: 'right' },
      { head: 'targets met', align: 'right' },
    ],
    rows: order.map((c) => [
      race.competitors[c].label,
      isSelfTuning(race.competitors[c], options) ? 'self' : 'external',
      score(bySteps[c]),
      score(bySeconds[c]),
      speedUp(steps, c),
      speedUp(seconds, c),
      `${steps[c].filter(Number.isFinite).length} of ${race.tasks.length}`,
    ]),
  };
}

function times(
  race: RacePlan,
  task: TaskPlan,
  w: number,
  all: readonly Times[],
  steps: number[][],
  seconds: number[][],
): Finding {
  const ratios = { step: ratiosToFastest(steps), seconds: ratiosToFastest(seconds) };
  const ratio = (value: number): string => (Number.isFinite(value) ? `${value.toFixed(2)}×` : nothing);
  const order = race.competitors
    .map((_, c) => c)
    .sort((a, b) => Math.min(steps[a][w], Number.MAX_VALUE) - Math.min(steps[b][w], Number.MAX_VALUE));
  return {
    title: `Time to target on ${task.label}`,
    note: 'Of each study its fastest trial, and the median over studies; a study that missed the target counts as infinitely long. Seconds are those spent in steps: neither evaluations nor compilation count. They depend on the machine.',
    columns: [
      { head: 'optimizer', align: 'left' },
      { head: 'steps of each study', align: 'left' },
      { head: 'median steps', align: 'right' },
      { head: 'to the best', align: 'right' },
      { head: 'seconds of each study', align: 'left' },
      { head: 'median seconds', align: 'right' },
      { head: 'to the best', align: 'right' },
    ],
    rows: order.map((c) => {
      const { label } = race.competitors[c];
      const own = all.find((side) => side.competitor.label === label && side.task.label === task.label);
      return [
        label,
        (own?.steps ?? []).map((time) => inUnits(time, 'step')).join(', '),
        inUnits(steps[c][w], 'step'),
        ratio(ratios.step[c][w]),
        (own?.seconds ?? []).map((time) => inUnits(time, 'seconds')).join(', '),
        inUnits(seconds[c][w], 'seconds'),
        ratio(ratios.seconds[c][w]),
      ];
    }),
  };
}
