import { endOf, metricOf } from '../analysis/ends.ts';
import type { CompetitorPlan, Ended, RacePlan, RaceSize, TaskPlan, Trial, TrialPlan, Values } from '../plan.ts';
import { getTuner, type TunerPlan } from '../tuners/index.ts';
import type { Probe, Result, Study, StudySize } from '../tuners/tuner.ts';

/**
 * A study is one tuner at work on one competitor and one task. Here its probes become trials of a race, and the trials that ended become
 * the results that the tuner is told. A protocol that tunes makes a StudyPlan for each study and asks `runStudy`; final runs of what was
 * chosen are `finalTrials`.
 */
export interface StudyPlan {
  readonly task: TaskPlan;
  readonly competitor: CompetitorPlan;
  readonly tuner: TunerPlan;
  /** The tuner's random choices follow from it. The run seed of all trials is the race's `tuneSeed`. */
  readonly seed: number;
  /** Steps of a whole probe, and its horizon. Default: those of the task. */
  readonly steps?: number;
  /** Stands before the keys of the probes in the ids of the trials, where one competitor has several studies on a task: 's2.'. */
  readonly prefix?: string;
  /** Index of the first trial, where one competitor has several studies on a task. Default 0. */
  readonly firstIndex?: number;
  /** Default: trials are evaluated at their end only. */
  readonly evaluateEvery?: number;
  /** Trials that differ in values only run as one program, 16 at most. */
  readonly batched?: boolean;
  /** How a trial ended, as a number. Default: the task's metric at its end. Give a function that stays the same, not a new one each time. */
  readonly judge?: Judge;
}

export type Judge = (trial: Trial, task: TaskPlan) => Result;

export interface StudyState {
  /** All trials that are known to be needed by now, in the order in which they are to run; those that ended are among them. */
  readonly trials: readonly TrialPlan[];
  /** Null while the tuning goes on. Then the setting that was chosen; its values are null when no trial came to a finite result. */
  readonly done: { readonly values: Values | null } | null;
}

const worst: Result = { score: Number.POSITIVE_INFINITY, loss: Number.POSITIVE_INFINITY };

/** The task's metric at the end of a trial, then its loss. Infinite for a trial that did not come to its end, or to no finite number. */
export const judgeByEnd: Judge = (trial, { target }) => {
  const end = endOf(trial);
  if (!end) return worst;
  const score = metricOf(target.metric, end);
  return Number.isFinite(score) && Number.isFinite(end.loss) ? { score, loss: end.loss } : worst;
};

/** What the tuner of a study works on. */
const studyOf = ({ task, competitor, seed, steps = task.steps }: StudyPlan): Study => ({
  space: competitor.space,
  start: competitor.start,
  ...(competitor.grids && { grids: competitor.grids }),
  steps,
  seed,
});

const nothingToTune = ({ competitor }: StudyPlan): boolean => Object.keys(competitor.space).length === 0;

/** 'mnist-mlp/adamw/tune/s2.': what the ids of its trials begin with. */
const idsOf = ({ task, competitor, prefix = '' }: StudyPlan): string =>
  `${task.label}/${competitor.label}/tune/${prefix}`;

/**
 * Where a study stands: a pure function of the plan and the trials that ended. A competitor with nothing to tune is done before it begins,
 * with no values.
 */
export function runStudy(race: RacePlan, plan: StudyPlan, ended: Ended): StudyState {
  if (nothingToTune(plan)) return { trials: [], done: { values: {} } };
  const ids = idsOf(plan);
  const own = tuningTrials(ended, plan).filter(({ plan: { id } }) => id.startsWith(ids));
  return remembered(race, plan, own, () => {
    const { tuner, task, judge = judgeByEnd } = plan;
    const results = new Map(own.map((trial) => [trial.plan.id.slice(ids.length), judge(trial, task)]));
    const { probes, done } = getTuner(tuner.kind).advise(studyOf(plan), tuner.options, results);
    const trials = probes.map((probe, place) => probeTrial(race, plan, probe, place));
    return { trials, done: done && { values: done.best?.values ?? null } };
  });
}

/** The trial that runs a probe; `place` is its index among the probes of the study, where the probe has none of its own. */
function probeTrial(race: RacePlan, plan: StudyPlan, probe: Probe, place: number): TrialPlan {
  const { task, competitor, steps = task.steps, firstIndex = 0 } = plan;
  const ids = idsOf(plan);
  const batch = batchOf(plan, probe, place);
  return {
    id: `${ids}${probe.key}`,
    task: task.label,
    competitor: competitor.label,
    phase: 'tune',
    index: firstIndex + (probe.index ?? place),
    seed: race.tuneSeed,
    steps,
    until: probe.until,
    evaluateEvery: plan.evaluateEvery ?? probe.until,
    test: false,
    values: probe.values,
    ...(probe.from !== undefined && { from: `${ids}${probe.from}` }),
    ...(probe.keep && { keep: true }),
    ...(batch !== null && { batch }),
  };
}

const mostInBatch = 16;

/** Only of a tuner that knows all its probes at the beginning: batches of nearly the same size, each of neighbours in the list. */
function batchOf(plan: StudyPlan, probe: Probe, place: number): string | null {
  if (!plan.batched || plan.tuner.kind !== 'quasi-random') return null;
  const { probes } = studySize(plan);
  const batches = Math.ceil(probes / mostInBatch);
  return `${idsOf(plan)}batch-${Math.floor(((probe.index ?? place) * batches) / probes)}`;
}

/** How many probes a study comes to, and steps of all of them together. */
export function studySize(plan: StudyPlan): StudySize {
  if (nothingToTune(plan)) return { probes: 0, steps: 0 };
  return getTuner(plan.tuner.kind).most(studyOf(plan), plan.tuner.options);
}

/** The final runs of a setting: one on each final seed of the race, each of the whole budget. */
export const finalTrials = (race: RacePlan, task: TaskPlan, competitor: string, values: Values): TrialPlan[] =>
  race.finalSeeds.map((seed, index) => ({
    id: `${task.label}/${competitor}/final/${index}`,
    task: task.label,
    competitor,
    phase: 'final',
    index,
    seed,
    steps: task.steps,
    until: task.steps,
    evaluateEvery: Math.max(1, Math.ceil(task.steps / task.evaluations)),
    test: true,
    values,
  }));

/** What tuning and the final runs of all competitors come to together. */
export function sizeOfAll({ tasks, competitors, finalSeeds }: RacePlan, studies: readonly StudySize[]): RaceSize {
  const finals = finalSeeds.length * competitors.length;
  const finalSteps = finals * tasks.reduce((sum, { steps }) => sum + steps, 0);
  return {
    trials: studies.reduce((sum, { probes }) => sum + probes, finals * tasks.length),
    steps: studies.reduce((sum, { steps }) => sum + steps, finalSteps),
    ...(studies.some(({ fewer }) => fewer) && { fewer: true }),
  };
}

/** What a tuner does, in the words that follow 'was tuned with'. */
export function tunerInWords({ kind, options }: TunerPlan): string {
  const words = getTuner(kind).describe?.(options);
  if (words !== undefined) return words;
  const given = Object.entries(options as object).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return given.length === 0 ? kind : `${kind} (${given.join(', ')})`;
}

/** Trials that ended, by task and competitor. A map of ended trials only grows: at one size it holds the same ones. */
const grouped = new WeakMap<Ended, { readonly size: number; readonly groups: ReadonlyMap<string, readonly Trial[]> }>();

function tuningTrials(ended: Ended, { task, competitor }: StudyPlan): readonly Trial[] {
  let known = grouped.get(ended);
  if (known?.size !== ended.size) {
    const tuning = [...ended.values()].filter(({ plan }) => plan.phase === 'tune');
    known = { size: ended.size, groups: Map.groupBy(tuning, ({ plan }) => `${plan.task}/${plan.competitor}`) };
    grouped.set(ended, known);
  }
  return known.groups.get(`${task.label}/${competitor.label}`) ?? [];
}

interface Remembered {
  readonly plan: StudyPlan;
  readonly trials: readonly Trial[];
  readonly state: StudyState;
}

/** The last state of each study. A protocol is asked whenever any trial ends, and most studies saw nothing new since. */
const memory = new WeakMap<RacePlan, Map<string, Remembered>>();

function remembered(race: RacePlan, plan: StudyPlan, trials: readonly Trial[], make: () => StudyState): StudyState {
  const states = memory.get(race) ?? new Map<string, Remembered>();
  memory.set(race, states);
  const key = JSON.stringify(plan);
  const last = states.get(key);
  const same =
    last?.plan.judge === plan.judge &&
    last?.trials.length === trials.length &&
    trials.every((trial, i) => trial === last.trials[i]);
  if (last && same) return last.state;
  const state = make();
  states.set(key, { plan, trials, state });
  return state;
}
