import colors from 'picocolors';
import { checkReport, writeReport } from '#lab/report-file';
import {
  bytes,
  calls,
  duration,
  metricValue,
  nothing,
  number,
  plural,
  quantityName,
  values,
  whole,
} from '../lab/format.ts';
import type { TaskPlan, Trial } from '../lab/plan.ts';
import type { RaceRecord, TrialRecord } from '../lab/store/lab.ts';
import { resultOf } from '../lab/store/result-of.ts';
import type { Evaluation } from '../train/result.ts';
import { UsageError } from './errors.ts';
import { clock, plainTable, printJson } from './plain-table.ts';
import { resultTables } from './race-table.ts';
import { type LabFlags, withLab } from './with-lab.ts';
import { wrap } from './wrap.ts';

export interface ShowFlags extends LabFlags {
  readonly json?: boolean;
  readonly report?: string;
}

export async function showCommand(id: string, trial: string | undefined, flags: ShowFlags): Promise<void> {
  if (trial !== undefined && flags.report !== undefined)
    throw new UsageError('--report is of a race, not of one trial');
  if (flags.report !== undefined) checkReport(flags.report);
  await withLab(flags, async (lab) => {
    const race = await lab.find(id);
    if (trial !== undefined) {
      const record = await lab.trial(race.id, trial);
      return flags.json ? printJson(record) : void process.stdout.write(trialText(race, record));
    }
    const curves = flags.report !== undefined || flags.json === true;
    const result = await resultOf(lab, race.id, { detail: 'scores', curves });
    if (flags.report !== undefined) {
      await writeReport(flags.report, result);
    }
    if (flags.json) return printJson({ ...race, ...result, trials: await lab.summaries(race.id) });
    process.stdout.write(
      [
        raceText(race, result.protocol),
        resultTables(result, widthOf()),
        result.headline,
        ...failures(result.trials),
        ...(flags.report === undefined ? [] : [`report  ${flags.report}`]),
      ].join('\n\n'),
    );
    process.stdout.write('\n');
  });
}

const widthOf = (): number => (process.stdout.isTTY ? process.stdout.columns : 160);
const line = (name: string, text: string): string => `${colors.dim(name.padEnd(12))}${text}`;

function raceText(race: RaceRecord, protocol: string): string {
  const { plan, machine, running } = race;
  const state = race.holder === null ? race.status : `running by ${race.holder}`;
  const unfinished = running === 0 ? '' : `, ${whole(running)} ${race.holder === null ? 'interrupted' : 'running'}`;
  const width = Math.min(120, widthOf()) - 12;
  return [
    colors.bold(race.id),
    line('name', race.name),
    line('began', `${clock(race.created)}, ran ${duration(race.seconds)}`),
    line('status', `${state}, ${plural(race.ended, 'trial')} ended${unfinished}`),
    ...block('tasks', plan.tasks.map(({ label, steps }) => `${label} (${whole(steps)} steps)`).join(', '), width),
    ...block('competitors', race.competitors.join(', '), width),
    ...block('protocol', `${race.protocol}. ${protocol}`, width),
    line('machine', `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform}`),
    line(
      'versions',
      Object.entries(machine.versions)
        .map((pair) => pair.join(' '))
        .join(', '),
    ),
    ...(race.command === null ? [] : [line('again by', race.command)]),
  ].join('\n');
}

const block = (name: string, text: string, width: number): string[] =>
  wrap(text, Math.max(20, width)).map((part, i) => line(i === 0 ? name : '', part));

/** Trials that failed, with why; no more than can be read. */
function failures(trials: readonly Trial[]): string[] {
  const failed = trials.filter(({ outcome }) => outcome.status === 'failed');
  if (failed.length === 0) return [];
  const shown = failed
    .slice(0, 10)
    .map(({ plan, outcome }) => `  ${plan.id}: ${(outcome.error ?? 'no reason given').split('\n')[0]}`);
  const more = failed.length > shown.length ? [`  and ${failed.length - shown.length} more`] : [];
  return [[colors.red(`${plural(failed.length, 'trial')} failed:`), ...shown, ...more].join('\n')];
}

function trialText(race: RaceRecord, trial: TrialRecord): string {
  const { plan, outcome } = trial;
  const task = race.plan.tasks.find(({ label }) => label === trial.task);
  const lines = [
    colors.bold(trial.id),
    line('race', race.id),
    line('state', trial.state === 'ended' ? `${trial.status}, ${plural(trial.steps, 'step')}` : 'not ended'),
    line('settings', values(trial.values)),
    line('seed', String(trial.seed)),
    line(
      'budget',
      `${whole(plan.until)} of ${plural(plan.steps, 'step')}, evaluated every ${whole(plan.evaluateEvery)}`,
    ),
    ...(plan.from === undefined ? [] : [line('goes on from', plan.from)]),
    line('began', `${clock(trial.started)}, ${plural(trial.attempts, 'attempt')}`),
    ...(trial.ended === null ? [] : [line('ended', clock(trial.ended))]),
    line('by', `${trial.worker}, thalweg ${trial.version}, ${trial.machine}`),
  ];
  if (outcome !== null) {
    const { cost, targetReached } = outcome;
    const perStep = Object.fromEntries(
      Object.entries(cost.calls).map(([kind, count]) => [kind, count / Math.max(1, outcome.steps)]),
    ) as unknown as typeof cost.calls;
    lines.push(
      line(
        'time',
        `${outcome.wallSeconds < 10 ? `${number(outcome.wallSeconds)} s` : duration(outcome.wallSeconds)}, ${number(outcome.seconds)} s of it in steps, ${number(cost.millisecondsPerStep)} ms per step`,
      ),
      line(
        'cost',
        `${calls(perStep)} per step, ${number(cost.stateBytesPerParameter)} bytes of state per parameter, peak ${bytes(outcome.peakBytes)}`,
      ),
      line(
        'target',
        targetReached ? `met at step ${whole(targetReached.step)} after ${number(targetReached.seconds)} s` : 'not met',
      ),
      line('training', trainingText(outcome.trainLoss)),
      ...(outcome.test && task?.hasData ? [line('test', evaluationText(outcome.test))] : []),
    );
  }
  if (trial.error !== null) lines.push(line('error', trial.error));
  const table = outcome?.validation.length ? `\n\n${evaluations(outcome.validation, task)}` : '';
  return `${lines.join('\n')}${table}\n`;
}

function trainingText(losses: readonly { readonly step: number; readonly loss: number }[]): string {
  const last = losses.at(-1);
  return last === undefined
    ? nothing
    : `loss ${number(losses[0].loss)} at step ${whole(losses[0].step)}, ${number(last.loss)} at step ${whole(last.step)} (${plural(losses.length, 'point')}; all of them with --json)`;
}

const evaluationText = ({ loss, metrics }: Evaluation): string =>
  [
    `loss ${number(loss)}`,
    ...Object.entries(metrics).map(([name, value]) => `${name} ${metricValue(name, value)}`),
  ].join(', ');

function evaluations(points: readonly Evaluation[], task: TaskPlan | undefined): string {
  const metric = task?.target.metric ?? 'loss';
  const names = [...new Set(points.flatMap(({ metrics }) => Object.keys(metrics)))].sort(
    (a, b) => Number(b === metric) - Number(a === metric),
  );
  return plainTable(points, [
    { head: 'step', cell: ({ step }) => whole(step), right: true },
    { head: 'seconds', cell: ({ seconds }) => number(seconds), right: true },
    { head: task ? quantityName(task, 'loss') : 'loss', cell: ({ loss }) => number(loss), right: true },
    ...names.map((name) => ({
      head: name,
      cell: ({ metrics }: Evaluation) => metricValue(name, metrics[name]),
      right: true,
    })),
  ]);
}
