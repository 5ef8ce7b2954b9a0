import type { Evaluation } from '../../../train/result.ts';
import type { TrialRecord, TrialSummary } from '../lab.ts';
import type { Block, Cell, Column } from './table.ts';

/** The two tables of an export: a row for each trial, and a row for each point of each curve. */

type Field = readonly [column: Column, of: (trial: TrialRecord) => Cell];

/** NaN stands for what nobody measured. */
const measured = (value: number | undefined): Cell => (value === undefined || Number.isNaN(value) ? null : value);

const text = (name: string, of: Field[1]): Field => [{ name, type: 'text' }, of];
const integer = (name: string, of: (trial: TrialRecord) => number | undefined): Field => [
  { name, type: 'integer' },
  (trial) => measured(of(trial)),
];
const number = (name: string, of: (trial: TrialRecord) => number | undefined): Field => [
  { name, type: 'number' },
  (trial) => measured(of(trial)),
];

const before: readonly Field[] = [
  text('trial', ({ id }) => id),
  text('task', ({ task }) => task),
  text('competitor', ({ competitor }) => competitor),
  text('phase', ({ phase }) => phase),
  integer('index', ({ index }) => index),
  integer('seed', ({ seed }) => seed),
];

const after: readonly Field[] = [
  text('state', ({ state }) => state),
  text('status', ({ status }) => status),
  integer('attempts', ({ attempts }) => attempts),
  integer('planned_steps', ({ plan }) => plan.until),
  integer('schedule_steps', ({ plan }) => plan.steps),
  text('from', ({ plan }) => plan.from ?? null),
  integer('steps', ({ steps }) => steps),
  number('validation_loss', ({ loss }) => loss),
  number('validation_metric', ({ metric }) => metric),
  number('test_loss', ({ outcome }) => outcome?.test?.loss),
  number('test_metric', ({ test }) => test),
  integer('target_step', ({ outcome }) => outcome?.targetReached?.step),
  number('target_seconds', ({ outcome }) => outcome?.targetReached?.seconds),
  number('seconds', ({ seconds }) => seconds),
  number('wall_seconds', ({ outcome }) => outcome?.wallSeconds),
  number('compile_seconds', ({ outcome }) => outcome?.cost.compileSeconds),
  number('milliseconds_per_step', ({ outcome }) => outcome?.cost.millisecondsPerStep),
  number('state_bytes_per_parameter', ({ outcome }) => outcome?.cost.stateBytesPerParameter),
  number('peak_bytes', ({ outcome }) => outcome?.peakBytes),
  integer('loss_calls', ({ outcome }) => outcome?.cost.calls.loss),
  integer('gradient_calls', ({ outcome }) => outcome?.cost.calls.gradient),
  integer('hessian_vector_calls', ({ outcome }) => outcome?.cost.calls.hessianVector),
  integer('per_example_calls', ({ outcome }) => outcome?.cost.calls.perExample),
  text('worker', ({ worker }) => worker),
  text('version', ({ version }) => version),
  text('started', ({ started }) => started),
  text('ended', ({ ended }) => ended),
  text('error', ({ error }) => error),
];

/** The trials of one race as rows. Each hyperparameter that any trial has is a column: 'value.lr'. */
export function trialTable(race: string, summaries: readonly TrialSummary[]) {
  const names = [...new Set(summaries.flatMap(({ values }) => Object.keys(values)))].sort();
  const fields: readonly Field[] = [
    text('race', () => race),
    ...before,
    ...names.map((name): Field => {
      const isNumber = summaries.every(({ values }) => typeof (values[name] ?? 0) === 'number');
      const of = ({ values }: TrialRecord): Cell => values[name] ?? null;
      return [
        { name: `value.${name}`, type: isNumber ? 'number' : 'text' },
        isNumber ? of : (trial) => (of(trial) === null ? null : String(of(trial))),
      ];
    }),
    ...after,
  ];
  return {
    columns: fields.map(([column]) => column),
    block: (trial: TrialRecord): Block => ({ rows: 1, columns: fields.map(([, of]) => of(trial)) }),
  };
}

/** All points of a trial's curves, one list for each column. */
export interface CurvePoints {
  /** 'train/loss', 'validation/loss', 'validation/error', 'test/loss'. */
  readonly series: readonly string[];
  readonly step: readonly number[];
  /** Seconds spent in steps until then. */
  readonly seconds: readonly number[];
  readonly value: readonly number[];
}

/** The training losses, then the evaluations with all of their metrics. A training loss has its time from the mean time of a step. */
export function curvePoints({ outcome }: TrialRecord): CurvePoints {
  const [series, steps, times, values]: [string[], number[], number[], number[]] = [[], [], [], []];
  const add = (name: string, step: number, seconds: number, value: number): void => {
    series.push(name);
    steps.push(step);
    times.push(seconds);
    values.push(value);
  };
  if (outcome !== null) {
    const perStep = outcome.steps > 0 ? outcome.seconds / outcome.steps : 0;
    for (const { step, loss } of outcome.trainLoss) add('train/loss', step, step * perStep, loss);
    const addAll = (split: string, evaluations: readonly Evaluation[]): void => {
      for (const { step, seconds, loss, metrics } of evaluations) {
        add(`${split}/loss`, step, seconds, loss);
        for (const [name, value] of Object.entries(metrics)) add(`${split}/${name}`, step, seconds, value);
      }
    };
    addAll('validation', outcome.validation);
    addAll('test', outcome.test ? [outcome.test] : []);
  }
  return { series, step: steps, seconds: times, value: values };
}

export const curveColumns: readonly Column[] = [
  { name: 'race', type: 'text' },
  { name: 'trial', type: 'text' },
  { name: 'task', type: 'text' },
  { name: 'competitor', type: 'text' },
  { name: 'phase', type: 'text' },
  { name: 'seed', type: 'integer' },
  { name: 'series', type: 'text' },
  { name: 'step', type: 'integer' },
  { name: 'seconds', type: 'number' },
  { name: 'value', type: 'number' },
];

export function curveBlock(race: string, trial: TrialRecord): Block {
  const { series, step, seconds, value } = curvePoints(trial);
  const { id, task, competitor, phase, seed } = trial;
  return { rows: step.length, columns: [race, id, task, competitor, phase, seed, series, step, seconds, value] };
}
