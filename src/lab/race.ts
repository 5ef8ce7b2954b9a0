import { describeMachine } from '#lab/machine';
import { checkReport, writeReport } from '#lab/report-file';
import { defaultJobs, hasProcesses, workerPool } from '#lab/run/worker-pool';
import { isAddress, type OpenOptions, openLab } from '#lab/store/open';
import { PlatformError } from '../runtime/platform.ts';
import type { Task } from '../tasks/task.ts';
import { memoryPrefix } from '../train/checkpoint-memory.ts';
import { scoreRace } from './analysis/score.ts';
import { type Cast, loadCast } from './cast.ts';
import type { RaceEvent, RacePlan, TaskPlan, Trial } from './plan.ts';
import { parameterCount, planRace } from './plan-race.ts';
import { getProtocol } from './protocols/index.ts';
import { RaceError } from './race-error.ts';
import type { RaceSpec } from './race-spec.ts';
import type { RaceResult } from './result.ts';
import { sharedTrials } from './reuse.ts';
import { CheckpointFolders } from './run/checkpoint-folders.ts';
import { inProcess } from './run/in-process.ts';
import type { TrialRunner } from './run/lane.ts';
import { type Ledger, memoryLedger } from './run/ledger.ts';
import { supervise } from './run/supervisor.ts';
import { checkpointsOf } from './store/checkpoints.ts';
import { type HeldRace, type Lab, LabError } from './store/lab.ts';

/** How a race runs. None of it changes a number, but those of a clock. */
export interface RunOptions {
  /** Where it is kept: a path, or postgres://... Default: nowhere; then it cannot be resumed. */
  readonly lab?: string;
  /** Trials at once, each in a process of its own. Default: one for each core. In a browser, and with objects of your own, one here. */
  readonly jobs?: number;
  /** Interrupts the race: running trials write a checkpoint and stop, and what has ended is kept. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: RaceEvent) => void;
  /** Where trials run, instead of in worker processes or this one. */
  readonly runner?: TrialRunner | ((race: RunningRace) => TrialRunner);
  /** What to type to repeat the race; shown in the report. */
  readonly command?: string;
  /** File to write the report to, HTML. */
  readonly report?: string;
  /** Resident bytes of a worker process above which it is killed. Default: its share of four fifths of the machine, at least 2 GiB. */
  readonly memoryLimit?: number;
  /** Seconds without a sign of life after which a worker process is killed. Default 300. */
  readonly hangSeconds?: number;
  /** Seconds between two checkpoints of a trial: what a kill can lose. Default 10. */
  readonly checkpointSeconds?: number;
}

/** How a race begins. */
export interface BeginOptions {
  /** Another race of the same lab, by its id: trials of it that this one would run again are taken over. */
  readonly reuse?: string;
}

/** What a runner may need to know of the race that it runs trials of. */
export interface RunningRace {
  readonly plan: RacePlan;
  /** Null for a race that is not kept. */
  readonly lab: Lab | null;
  readonly id: string | null;
  readonly onWarning: (text: string) => void;
}

/**
 * Runs a race: tunes and judges every competitor as its protocol says, on every task, and scores what came of it. With a lab every trial
 * that ends is kept before anything builds on it, and a race that was stopped or killed goes on by `resumeRace`, to the same numbers.
 */
export async function race(options: RaceSpec & RunOptions & BeginOptions): Promise<RaceResult> {
  const {
    lab,
    reuse,
    jobs,
    signal,
    onEvent,
    runner,
    command,
    report,
    memoryLimit,
    hangSeconds,
    checkpointSeconds,
    ...spec
  } = options;
  if (jobs !== undefined && !(Number.isInteger(jobs) && jobs >= 1)) {
    throw new RangeError(`jobs is ${jobs}; it must be a whole number from 1`);
  }
  if (report !== undefined) checkReport(report);
  const planned = await planRace(spec);
  const opened = lab === undefined ? null : await openLab(lab, patienceOf(lab));
  try {
    const about = { machine: describeMachine(), command: command ?? null };
    const known = reuse === undefined ? [] : await trialsOf(reuse, opened, planned.plan);
    const id = opened ? await opened.create(planned.plan, about) : null;
    if (opened && id !== null && known.length > 0) await (await opened.ledger(id)).record(known);
    return await run({ ...planned, ...about, lab: opened, id }, options);
  } finally {
    await opened?.close().catch(() => {});
  }
}

/** A race waits for a server that is away, however long: its trials run elsewhere, and go on. */
const patienceOf = (lab: string): OpenOptions => (isAddress(lab) ? { patience: Number.POSITIVE_INFINITY } : {});

async function trialsOf(reuse: string, lab: Lab | null, plan: RacePlan): Promise<Trial[]> {
  if (lab === null)
    throw new LabError(`reuse is '${reuse}': a race whose trials are taken over lies in a lab; name it`);
  const other = await lab.find(reuse);
  const [theirs, ours] = [other.machine.versions.thalweg, describeMachine().versions.thalweg];
  if (theirs !== ours) {
    throw new LabError(
      `${other.id} was run by thalweg ${theirs}, and this is ${ours}: its trials cannot be taken over`,
    );
  }
  return sharedTrials(plan, other.plan, await lab.trials(other.id));
}

export interface ResumeOptions extends Omit<RunOptions, 'lab'> {
  /** The tasks and optimizers of the race, where it was begun with objects of its own: `castOf({ tasks, optimizers })`. */
  readonly cast?: Cast;
}

/**
 * Goes on with a race of a lab, by its id, a beginning of it, or 'latest': what has ended is there, what was running goes on from its last
 * checkpoint, and the result is the one of a race that was never stopped. A race that has finished is scored again.
 */
export async function resumeRace(lab: string, race: string, options: ResumeOptions = {}): Promise<RaceResult> {
  if (options.report !== undefined) checkReport(options.report);
  const opened = await openLab(lab, { create: false, ...patienceOf(lab) });
  try {
    const { id, plan, machine, command } = await opened.find(race);
    const own = options.cast !== undefined;
    const cast = options.cast ?? (await loadCast(plan.module));
    for (const task of plan.tasks) checkUnchanged(id, task, cast.task(task.task));
    for (const { optimizer, fixed } of plan.competitors) cast.optimizer(optimizer, fixed);
    return await run({ plan, cast, own, machine, command, lab: opened, id }, { ...options, lab });
  } finally {
    await opened.close().catch(() => {});
  }
}

/** Another model's trials would be taken for those of the race; what cannot be seen in its size, checkpoints tell apart. */
function checkUnchanged(race: string, { label, parameters }: TaskPlan, task: Task): void {
  const now = parameterCount(task);
  if (now === parameters) return;
  throw new RaceError(
    `${race}: its task '${label}' had ${parameters} parameters when the race began, and has ${now} now; bring the task back as it was, or begin another race`,
  );
}

interface Prepared {
  readonly plan: RacePlan;
  readonly cast: Cast;
  /** It has objects that no module names: its trials run in this process. */
  readonly own: boolean;
  readonly machine: RaceResult['machine'];
  readonly command: string | null;
  readonly lab: Lab | null;
  readonly id: string | null;
}

async function run(race: Prepared, options: RunOptions): Promise<RaceResult> {
  const { plan, lab, id, machine, command } = race;
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1000;
  const held = lab && id !== null ? await lab.hold(id) : null;
  try {
    const ledger = held ?? memoryLedger();
    const status = await runHeld(race, held, ledger, options);
    await held?.end(status, elapsed());
    const trials = inOrder(await ledger.ended());
    const seconds = lab && id !== null ? (await lab.find(id)).seconds : elapsed();
    const scores = scoreRace(plan, trials);
    const result: RaceResult = { id, status, plan, machine, trials, ...scores, seconds, command };
    if (options.report !== undefined) await writeReport(options.report, result);
    return result;
  } finally {
    // What the lab says here could only hide why the race ended.
    await held?.release().catch(() => {});
  }
}

/** By id: the same table whatever order they ended in. */
const inOrder = (trials: readonly Trial[]): Trial[] =>
  [...trials].sort((a, b) => (a.plan.id < b.plan.id ? -1 : Number(a.plan.id > b.plan.id)));

async function runHeld(
  race: Prepared,
  held: HeldRace | null,
  ledger: Ledger,
  options: RunOptions,
): Promise<'finished' | 'interrupted'> {
  const { plan, lab } = race;
  const { onEvent = () => {}, signal = new AbortController().signal } = options;
  const warned = new Set<string>();
  const onWarning = (text: string) => {
    if (warned.has(text)) return;
    warned.add(text);
    onEvent({ type: 'warning', text });
  };
  const { runner, folders } = chooseRunner(race, { ...options, onWarning });
  try {
    await runner.prepare();
    const stop = held ? AbortSignal.any([signal, held.lost]) : signal;
    // Whoever took the race over runs its trials now: those here end at once.
    const leave = () => void runner.close();
    held?.lost.addEventListener('abort', leave, { once: true });
    const protocol = getProtocol(plan.protocol.kind);
    const status = await supervise({ plan, protocol, runner, ledger, folders, signal: stop, onEvent });
    if (held?.lost.aborted) throw held.lost.reason;
    if (status === 'finished' || lab === null) {
      await runner.close();
      await folders?.removeAll().catch((error: Error) => onWarning(`checkpoints were not removed: ${error.message}`));
    }
    return status;
  } finally {
    await runner.close();
  }
}

let memoryRaces = 0;

/** Where the trials of a race run, and where their checkpoints are kept. */
function chooseRunner(
  { plan, cast, own, lab, id }: Prepared,
  options: RunOptions & { readonly onWarning: (text: string) => void },
): { readonly runner: TrialRunner; readonly folders: CheckpointFolders | null } {
  const { memoryLimit, hangSeconds, checkpointSeconds, onWarning } = options;
  if (typeof options.runner === 'function') {
    return { runner: options.runner({ plan, lab, id, onWarning }), folders: null };
  }
  if (options.runner) return { runner: options.runner, folders: null };
  const checkpoints = id === null ? null : `${checkpointsOf(options.lab as string)}/${id}`;
  const jobs = own ? 1 : (options.jobs ?? defaultJobs());
  if (own || !hasProcesses) {
    if (jobs > 1) throw new PlatformError(`jobs is ${jobs}: a browser has no worker processes; race with jobs: 1`);
    const root = checkpoints ?? `${memoryPrefix}race-${++memoryRaces}`;
    const runner = inProcess({ plan, cast, checkpoints: root, checkpointSeconds, onWarning });
    return { runner, folders: new CheckpointFolders(root) };
  }
  const runner = workerPool({ jobs, plan, checkpoints, checkpointSeconds, memoryLimit, hangSeconds, onWarning });
  return { runner, folders: checkpoints === null ? null : new CheckpointFolders(checkpoints) };
}
