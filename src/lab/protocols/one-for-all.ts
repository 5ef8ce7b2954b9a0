import { z } from 'zod';
import { type Setting, selectSetting, settingResults } from '../analysis/one-setting.ts';
import { plural } from '../format.ts';
import type { Choice, CompetitorPlan, Ended, RacePlan, TaskPlan, Trial, TrialPlan } from '../plan.ts';
import { settingAt, unitPoints } from '../search/search.ts';
import { oncePerRace } from './once-per-race.ts';
import { oneForAllFindings } from './one-for-all-findings.ts';
import { type Protocol, ProtocolError } from './protocol.ts';
import { finalTrials } from './study.ts';

const options = z.strictObject({
  points: z
    .int()
    .min(0)
    .max(10_000)
    .default(16)
    .describe('Quasi-random settings of each competitor, tried on every task.'),
  horizons: z
    .array(z.number().gt(0).max(1))
    .min(1)
    .default([1])
    .describe("Lengths of a run, and of its schedule, as shares of a task's steps: a setting has one of them."),
  select: z
    .enum(['profile-score', 'mean-excess', 'geomean-time'])
    .default('profile-score')
    .describe(
      'What the one setting is best in: time to target in performance profiles, final loss, or mean time to target.',
    ),
});

export type OneForAllOptions = z.infer<typeof options>;

/**
 * How good is an optimizer that nobody tunes for the task at hand? Each competitor has one setting for all tasks: its defaults, and the
 * best of some quasi-random settings by a score over all tasks together, the defaults being one of them. Both run again on fresh seeds.
 * The tables of the race are of the calibrated setting; what the defaults come to is a finding.
 *
 * The paper tries about two hundred points with horizons of a third, a half and two thirds of the budget; here both are options. It scores
 * settings by the performance profiles of AlgoPerf, which is the default here, and normalises no losses. 'mean-excess' is for races where
 * targets tell little: it is not the paper's, and measures from the validation loss of the untrained model, so that no noise of a minibatch
 * comes into it.
 */
export const oneForAll: Protocol<OneForAllOptions> = {
  kind: 'one-for-all',
  summary: 'one setting of each optimizer for all tasks: its defaults, and the best one over all tasks',
  source:
    'P. Kasimbeg et al. (2025), "How far away are truly hyperparameter-free learning algorithms?", arXiv:2505.24005',
  options,
  check(race) {
    if (race.tasks.length < 2) {
      throw new ProtocolError(
        `protocol.kind is one-for-all; one setting for all tasks needs at least 2 tasks, not ${race.tasks.length}`,
      );
    }
  },
  describe: (race, { points, horizons, select }) =>
    [
      `Each optimizer has one setting for all ${race.tasks.length} tasks.`,
      points === 0
        ? 'It is that of its defaults.'
        : `It is the best of its defaults and ${plural(points, 'setting')}, drawn quasi-randomly from the tuning ranges and each tried on every task with one seed, ${criteria[select]}.`,
      ...(horizons.length > 1 || horizons[0] !== 1
        ? [
            `A setting also has a horizon: ${horizons.map((h) => `${Number((100 * h).toFixed(1))}%`).join(', ')} of a task's steps.`,
          ]
        : []),
      'That setting and the defaults then ran on seeds that no tuning run saw; tables and ranking are of the former.',
    ].join(' '),
  plan: (race, options, ended) =>
    entries(race, options).flatMap((entry) => {
      const chosen = choose(entry, options, ended);
      return [
        ...entry.trials.flat(),
        ...entry.defaults.flat(),
        ...(chosen ? race.tasks.flatMap((task) => calibratedTrials(race, task, entry.competitor, chosen)) : []),
      ];
    }),
  choices: (race, options, ended) =>
    entries(race, options).flatMap((entry): Choice[] => {
      const chosen = choose(entry, options, ended);
      return chosen
        ? race.tasks.map(({ label }) => ({ task: label, competitor: entry.competitor.label, values: chosen.values }))
        : [];
    }),
  size(race, options) {
    const plans = entries(race, options).flatMap(({ trials, defaults }) => [
      ...trials.flat(),
      ...defaults.flat(),
      // The calibrated runs are at most as long as the defaults'.
      ...defaults.flat(),
    ]);
    return { trials: plans.length, steps: plans.reduce((sum, { until }) => sum + until, 0) };
  },
  aside: ({ id }) => id.includes('/tune/default.'),
  findings(race, options, trials) {
    const ended: Ended = new Map(trials.map((trial) => [trial.plan.id, trial]));
    const settings = entries(race, options).map((entry) => choose(entry, options, ended));
    const defaults = entries(race, options).map((entry) =>
      entry.defaults.map((plans) => plans.flatMap(({ id }) => ended.get(id) ?? [])),
    );
    return oneForAllFindings(race, trials, settings, defaults);
  },
};

const criteria: { readonly [K in OneForAllOptions['select']]: string } = {
  'profile-score':
    'by the score of its times to target in the performance profiles of all of them; equal ones by their final losses',
  'mean-excess': 'by what its final losses leave of the way from the untrained model to the best loss known',
  'geomean-time': 'by the geometric mean of its times to target; equal ones by their final losses',
};

/** What one competitor runs before its setting is chosen. */
interface Entry {
  readonly competitor: CompetitorPlan;
  readonly settings: readonly Setting[];
  /** By setting, then by task. */
  readonly trials: readonly (readonly TrialPlan[])[];
  /** The defaults on the seeds of the final runs, by task. */
  readonly defaults: readonly (readonly TrialPlan[])[];
}

const entries = oncePerRace((race, options: OneForAllOptions): readonly Entry[] =>
  race.competitors.map((competitor) => {
    const settings = settingsOf(race, competitor, options);
    return {
      competitor,
      settings,
      trials: settings.map((setting) => race.tasks.map((task) => searchTrial(race, task, competitor, setting))),
      defaults: race.tasks.map((task) => defaultTrials(race, task, competitor)),
    };
  }),
);

/** The defaults first, at the whole budget: of equal settings they are chosen. Who has nothing to tune may still have another horizon. */
function settingsOf(race: RacePlan, { space, start }: CompetitorPlan, options: OneForAllOptions): Setting[] {
  const { points, horizons } = options;
  const defaults: Setting = { key: '0', values: start, horizon: 1 };
  const size = Object.keys(space).length;
  if (points === 0 || (size === 0 && horizons.every((h) => h === 1))) return [defaults];
  const drawn = unitPoints('sobol', points, size + 1, race.seed).map(
    (point, i): Setting => ({
      key: `${i + 1}`,
      values: settingAt(space, point),
      horizon: horizons[Math.floor(point[size] * horizons.length)],
    }),
  );
  return [defaults, ...drawn];
}

const stepsOf = ({ steps }: TaskPlan, { horizon }: Setting): number => Math.max(1, Math.round(steps * horizon));

const evaluateEvery = ({ steps, evaluations }: TaskPlan): number => Math.max(1, Math.ceil(steps / evaluations));

function searchTrial(race: RacePlan, task: TaskPlan, { label }: CompetitorPlan, setting: Setting): TrialPlan {
  const steps = stepsOf(task, setting);
  return {
    id: `${task.label}/${label}/tune/${setting.key}`,
    task: task.label,
    competitor: label,
    phase: 'tune',
    index: Number(setting.key),
    seed: race.tuneSeed,
    steps,
    until: steps,
    evaluateEvery: Math.min(steps, evaluateEvery(task)),
    evaluateStart: true,
    test: false,
    values: setting.values,
  };
}

/** The defaults on the seeds of the final runs. They are of the phase 'tune', since the common tables are of the calibrated setting. */
const defaultTrials = (race: RacePlan, task: TaskPlan, competitor: CompetitorPlan): TrialPlan[] =>
  finalTrials(race, task, competitor.label, competitor.start).map((plan, i) => ({
    ...plan,
    id: `${task.label}/${competitor.label}/tune/default.${i}`,
    phase: 'tune',
    evaluateStart: true,
  }));

const calibratedTrials = (race: RacePlan, task: TaskPlan, { label }: CompetitorPlan, chosen: Setting): TrialPlan[] =>
  finalTrials(race, task, label, chosen.values).map((plan) => {
    const steps = stepsOf(task, chosen);
    return { ...plan, steps, until: steps, evaluateEvery: Math.min(steps, plan.evaluateEvery), evaluateStart: true };
  });

/** Null while the search goes on. */
function choose({ settings, trials }: Entry, { select }: OneForAllOptions, ended: Ended): Setting | null {
  if (!trials.every((plans) => plans.every(({ id }) => ended.has(id)))) return null;
  const results = settingResults(trials.map((plans) => plans.map(({ id }) => ended.get(id) as Trial)));
  return settings[selectSetting(results, select) as number];
}
