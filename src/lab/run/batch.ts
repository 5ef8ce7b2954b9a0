import type { Optimizer } from '../../optim/optimizer.ts';
import type { AnyOptimizer } from '../../optim/registry.ts';
import type { Target } from '../../tasks/task.ts';
import { type SweepTrial, sweep, whatSetsApart } from '../../train/sweep.ts';
import { type Outcome, type TrialPlan, withoutResult } from '../plan.ts';
import type { Job } from './lane.ts';
import { isOfSurroundings } from './surroundings.ts';
import { type Bench, curveOf, type OnProgress, optimizerOf, runTrial, taskOf, throttled } from './trial.ts';

/**
 * Runs a job. The trials of a batch run as one vmapped program where `sweep` can do that, else one after another: which of the two follows
 * from their plans alone, for they agree up to rounding only. Such a program has no checkpoints: a batch that is lost begins anew.
 *
 * Seconds of a trial in a vmapped batch are its equal share of those of the whole: what a trial costs in company.
 */
export async function runJob(
  bench: Bench,
  job: Job,
  ancestors: readonly TrialPlan[],
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const together = job.length > 1 ? optimizersTogether(bench, job) : null;
  if (together) return await runTogether(bench, job, together, onProgress, signal);
  const outcomes: Outcome[] = [];
  // The ends are kept until all have one: what is lost then is one trial, not the whole job.
  const keepEnds = job.length > 1 || undefined;
  for (const plan of job) outcomes.push(await runTrial(bench, plan, ancestors, onProgress, signal, keepEnds));
  return outcomes;
}

/** What trials must share to be one program. */
const common = ['task', 'competitor', 'seed', 'steps', 'until', 'evaluateEvery'] as const;

/** The optimizers of a job that can run as one program, else null. */
function optimizersTogether(bench: Bench, job: Job): Optimizer[] | null {
  const [first] = job;
  const plain = job.every(
    (plan) => !plan.test && !plan.keep && plan.from === undefined && common.every((key) => plan[key] === first[key]),
  );
  if (!plain) return null;
  try {
    const optimizers = job.map((plan) => optimizerOf(bench, plan));
    return optimizers.every(isSymbolic) && whatSetsApart(optimizers) === null ? optimizers : null;
  } catch {
    // A value that is not legal fails its own trial only.
    return null;
  }
}

const isSymbolic = (optimizer: AnyOptimizer): optimizer is Optimizer => optimizer.kind === 'symbolic';

const numbersOf = ({ values }: Optimizer): Record<string, number> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, number] => typeof entry[1] === 'number'));

async function runTogether(
  bench: Bench,
  job: Job,
  optimizers: readonly Optimizer[],
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const began = performance.now();
  const share = () => (performance.now() - began) / 1000 / job.length;
  const [{ seed, steps, until, evaluateEvery }] = job;
  const { task, taskPlan } = taskOf(bench, job[0]);
  const report = throttled((progress) => {
    for (const plan of job) onProgress(plan, progress);
  });
  try {
    const { batchSize } = taskPlan;
    const settings = optimizers.map(numbersOf);
    const onStep = (step: number) => report({ step, steps: until, loss: Number.NaN });
    const { runtime } = bench;
    const [optimizer] = optimizers;
    const options = {
      task,
      optimizer,
      settings,
      seed,
      steps,
      until,
      evaluateEvery,
      batchSize,
      runtime,
      signal,
      onStep,
    };
    const trials = await sweep(options);
    const wallSeconds = share();
    return trials.map((trial) => ({ ...resultOf(trial, job, taskPlan.target), wallSeconds, peakBytes: Number.NaN }));
  } catch (error) {
    if (isOfSurroundings(error)) throw error;
    const failed = withoutResult('failed', error instanceof Error ? error.message : String(error), share());
    return job.map(() => failed);
  }
}

/** What `train` says of such a trial. */
function resultOf(trial: SweepTrial, job: Job, target: Target) {
  const validation = trial.validation.map((evaluation) => ({
    ...evaluation,
    seconds: evaluation.seconds / job.length,
  }));
  const reached = validation.find(
    ({ loss, metrics }) => (target.metric === 'loss' ? loss : metrics[target.metric]) <= target.value,
  );
  const blownUp = validation.some(({ loss }) => !Number.isFinite(loss));
  return {
    status: trial.status === 'finished' && blownUp ? 'diverged' : trial.status,
    steps: trial.steps,
    seconds: (trial.cost.millisecondsPerStep * trial.steps) / 1000,
    trainLoss: curveOf(trial.trainLoss),
    validation,
    cost: trial.cost,
    ...(reached && { targetReached: { step: reached.step, seconds: reached.seconds } }),
  } as const;
}
