import { describeMachine, ownVersion } from '#lab/machine';
import { endOf, metricOf } from '../analysis/ends.ts';
import type { Outcome, RacePlan, Trial, TrialPlan } from '../plan.ts';
import { curvesOf, endsOf, type Series } from './curves.ts';
import { nameOf, thisProcess } from './holder.ts';
import { decode, encode } from './json.ts';
import type { TrialRecord, TrialSummary } from './lab.ts';
import type { NewTrialRow, TrialRow } from './schema.ts';

/** Between the rows of a lab and what the rest of thalweg speaks of. NaN is null in a column. */

/** The process that writes: where it is, what it runs. */
export type Writer = Pick<TrialRow, 'worker' | 'version' | 'machine'>;

export function thisWriter(): Writer {
  const { cpu, cores, platform } = describeMachine();
  return { worker: nameOf(thisProcess()), version: ownVersion(), machine: `${cpu}, ${cores} cores, ${platform}` };
}

export const runningRow = (race: string, plan: TrialPlan, attempts: number, writer: Writer): NewTrialRow => ({
  ...planColumns(race, plan),
  ...writer,
  state: 'running',
  attempts,
  started: new Date().toISOString(),
});

export function endedRow(race: { id: string; plan: RacePlan }, trial: Trial, writer: Writer): NewTrialRow {
  const { plan, outcome } = trial;
  const now = Date.now();
  const target = race.plan.tasks.find(({ label }) => label === plan.task)?.target.metric ?? 'loss';
  const end = endOf(trial);
  return {
    ...planColumns(race.id, plan),
    ...writer,
    state: 'ended',
    attempts: 1,
    started: new Date(now - 1000 * (Number.isFinite(outcome.wallSeconds) ? outcome.wallSeconds : 0)).toISOString(),
    ended: new Date(now).toISOString(),
    status: outcome.status,
    steps: outcome.steps,
    loss: orNull(end?.loss),
    metric: orNull(end && metricOf(target, end)),
    test: orNull(outcome.test && metricOf(target, outcome.test)),
    seconds: orNull(outcome.seconds),
    // PostgreSQL has no text with the character 0 in it, and a process that crashes may say anything.
    error: outcome.error?.replaceAll('\0', '') ?? null,
    outcome: encode({ ...outcome, ...endsOf(outcome) }),
  };
}

const planColumns = (race: string, plan: TrialPlan) => ({
  race,
  trial: plan.id,
  task: plan.task,
  competitor: plan.competitor,
  phase: plan.phase,
  place: plan.index,
  seed: plan.seed,
  plan: JSON.stringify(plan),
});

const orNull = (value: number | null | undefined): number | null =>
  value !== null && value !== undefined && Number.isFinite(value) ? value : null;

const orNaN = (value: number | null): number => value ?? Number.NaN;

export const trialOf = (row: Pick<TrialRow, 'plan' | 'outcome'>, points: Partial<Record<Series, string>>): Trial => ({
  plan: JSON.parse(row.plan),
  outcome: outcomeOf(row.outcome ?? '{}', points),
});

const outcomeOf = (text: string, points: Partial<Record<Series, string>>): Outcome =>
  Object.assign(decode<Outcome>(text), curvesOf(points));

/** What a summary reads. */
export const summaryColumns = [
  'trial',
  'task',
  'competitor',
  'phase',
  'place',
  'seed',
  'plan',
  'state',
  'attempts',
  'status',
  'steps',
  'loss',
  'metric',
  'test',
  'seconds',
  'error',
] as const satisfies readonly (keyof TrialRow)[];

export const summaryOf = (row: Pick<TrialRow, (typeof summaryColumns)[number]>): TrialSummary => ({
  id: row.trial,
  task: row.task,
  competitor: row.competitor,
  phase: row.phase as TrialSummary['phase'],
  index: row.place,
  seed: row.seed,
  values: (JSON.parse(row.plan) as TrialPlan).values,
  state: row.state as TrialSummary['state'],
  attempts: row.attempts,
  status: row.status as TrialSummary['status'],
  steps: row.steps ?? 0,
  loss: orNaN(row.loss),
  metric: orNaN(row.metric),
  test: orNaN(row.test),
  seconds: orNaN(row.seconds),
  error: row.error,
});

export const recordOf = (row: TrialRow, points: Partial<Record<Series, string>>): TrialRecord => ({
  ...summaryOf(row),
  plan: JSON.parse(row.plan),
  outcome: row.outcome === null ? null : outcomeOf(row.outcome, points),
  worker: row.worker,
  version: row.version,
  machine: row.machine,
  started: row.started,
  ended: row.ended,
});
