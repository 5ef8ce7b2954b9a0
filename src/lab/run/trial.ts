import type { Runtime } from '../../runtime/runtime.ts';
import { removeCheckpoints, soundStep } from '../../train/checkpoint.ts';
import { memoryPrefix } from '../../train/checkpoint-memory.ts';
import { evaluateUntrained } from '../../train/evaluate-untrained.ts';
import type { Checkpointing, TrainResult } from '../../train/options.ts';
import type { Evaluation } from '../../train/result.ts';
import { train } from '../../train/train.ts';
import type { Cast } from '../cast.ts';
import { competitorOptimizer } from '../competitor.ts';
import {
  type CompetitorPlan,
  type Outcome,
  type RacePlan,
  type TaskPlan,
  type TrialPlan,
  type TrialProgress,
  withoutResult,
} from '../plan.ts';
import type { CheckpointFolders } from './checkpoint-folders.ts';
import { isOfSurroundings } from './surroundings.ts';

/** Points kept of a loss curve. */
const curvePoints = 200;

/** What the trials of one process share. One runtime, so that programs compile once. */
export interface Bench {
  readonly plan: RacePlan;
  readonly cast: Cast;
  readonly runtime: Runtime;
  readonly folders: CheckpointFolders;
  /** Between two checkpoints of a trial: what a kill can lose. */
  readonly checkpointSeconds: number;
  /** Told of what is not well and does not end a trial. */
  readonly warn: (text: string) => void;
}

/** What is kept of a training: no tensors, and a thinner loss curve. */
export const outcomeOf = ({ parameters: _, buffers: __, ...result }: TrainResult): Outcome => ({
  ...result,
  trainLoss: thin(result.trainLoss, curvePoints),
  peakBytes: Number.NaN,
});

export type OnProgress = (plan: TrialPlan, progress: TrialProgress) => void;

/** Milliseconds between two reports of progress. */
const progressInterval = 100;

/**
 * Trains once, from the trial's last checkpoint where it has one. Errors of the trial are outcomes: one that cannot run must not end the
 * race. Errors of its surroundings, a full disk say, are thrown: the trial would have another outcome elsewhere.
 */
export async function runTrial(
  bench: Bench,
  plan: TrialPlan,
  ancestors: readonly TrialPlan[],
  onProgress: OnProgress,
  signal: AbortSignal,
  keepEnd = plan.keep ?? false,
): Promise<Outcome> {
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1000;
  let begun: Beginning | null = null;
  try {
    begun = await beginningOf(bench, plan, ancestors, signal);
    if (signal.aborted) return withoutResult('interrupted');
    const result = await trainPlan(bench, plan, signal, onProgress, {
      directory: bench.folders.of(plan.id),
      atEnd: keepEnd,
      from: begun?.folder,
      ...(bench.folders.outliveProcess && { seconds: bench.checkpointSeconds }),
    });
    const start = await startOf(bench, plan, result.status);
    return { ...outcomeOf(result), ...(start && { start }) };
  } catch (error) {
    if (isOfSurroundings(error)) throw error;
    return withoutResult('failed', error instanceof Error ? error.message : String(error), elapsed());
  } finally {
    await begun?.drop();
  }
}

/** The evaluation before the first step, where the plan asks for it. One that was interrupted ends another time. */
async function startOf(bench: Bench, plan: TrialPlan, status: Outcome['status']): Promise<Evaluation | null> {
  if (!plan.evaluateStart || status === 'interrupted') return null;
  return await evaluateUntrained({ task: taskOf(bench, plan).task, seed: plan.seed, runtime: bench.runtime });
}

/** What a plan's task is in this race. */
export const taskOf = ({ plan, cast }: Bench, { task }: TrialPlan) => {
  const taskPlan = named(plan.tasks, task) as TaskPlan;
  return { taskPlan, task: { ...cast.task(taskPlan.task), target: taskPlan.target } };
};

/** The configured optimizer of a trial, with the race's schedule. */
export const optimizerOf = ({ plan, cast }: Bench, { competitor, values }: TrialPlan) =>
  competitorOptimizer(named(plan.competitors, competitor) as CompetitorPlan, values, plan.schedule, cast);

function named<T extends { readonly label: string }>(list: readonly T[], label: string): T {
  const found = list.find((entry) => entry.label === label);
  if (!found) throw new Error(`the race has no '${label}', only ${list.map((entry) => entry.label).join(', ')}`);
  return found;
}

async function trainPlan(
  bench: Bench,
  plan: TrialPlan,
  signal: AbortSignal,
  onProgress: OnProgress,
  checkpoint: Checkpointing,
): Promise<TrainResult> {
  const { taskPlan, task } = taskOf(bench, plan);
  const { seed, steps, until, evaluateEvery, test } = plan;
  // Without files, a checkpoint is of use only to begin from or to be begun from.
  const saving = checkpoint.seconds !== undefined || checkpoint.atEnd || checkpoint.from !== undefined;
  return await train({
    task,
    optimizer: optimizerOf(bench, plan),
    runtime: bench.runtime,
    batchSize: taskPlan.batchSize,
    seed,
    steps,
    until,
    evaluateEvery,
    test,
    signal,
    ...(saving && {
      checkpoint: { ...checkpoint, onProblem: (error) => bench.warn(`${plan.id}: ${error.message}`) },
    }),
    hooks: { onStep: throttled((progress) => onProgress(plan, progress)) },
  });
}

/** Calls back at most once in an interval. */
export function throttled(report: (progress: TrialProgress) => void): (progress: TrialProgress) => void {
  let reported = performance.now();
  return (progress) => {
    const now = performance.now();
    if (now - reported < progressInterval) return;
    reported = now;
    report(progress);
  };
}

/** A folder with the checkpoint that a trial begins from. */
interface Beginning {
  readonly folder: string;
  drop(): Promise<void>;
}

/**
 * Where a trial that goes on from another one begins: at that one's last checkpoint. Where that is gone (removed, damaged, on another
 * host), the other trial is trained again to the same bits, in memory: nobody else is waiting for its files.
 */
async function beginningOf(
  bench: Bench,
  { id, from }: TrialPlan,
  ancestors: readonly TrialPlan[],
  signal: AbortSignal,
): Promise<Beginning | null> {
  if (from === undefined) return null;
  const parent = ancestors.find((candidate) => candidate.id === from);
  if (!parent) throw new Error(`${id} goes on from ${from}, which this race does not have`);
  const folder = bench.folders.of(parent.id);
  if ((await soundStep(folder)) === parent.until) return { folder, drop: async () => {} };
  const own = await soundStep(bench.folders.of(id));
  // A trial with a checkpoint of its own needs no other.
  if (own !== null) return null;
  bench.warn(`${parent.id}: its last checkpoint is gone; it is trained again for ${id}`);
  return await rebuild(bench, parent, ancestors, signal);
}

async function rebuild(
  bench: Bench,
  plan: TrialPlan,
  ancestors: readonly TrialPlan[],
  signal: AbortSignal,
): Promise<Beginning> {
  const before = await beginningOf(bench, plan, ancestors, signal);
  const folder = `${memoryPrefix}rebuilt/${plan.id}`;
  const memory: Beginning = { folder, drop: () => removeCheckpoints(folder) };
  try {
    const saving = { directory: folder, atEnd: true, from: before?.folder };
    await trainPlan(bench, { ...plan, test: false }, signal, () => {}, saving);
    return memory;
  } finally {
    await before?.drop();
  }
}

/** At most `most` of the points, evenly spaced, the last one among them. */
function thin<T>(points: readonly T[], most: number): readonly T[] {
  if (points.length <= most) return points;
  const stride = points.length / most;
  return Array.from({ length: most }, (_, i) => points[Math.ceil((i + 1) * stride) - 1]);
}
