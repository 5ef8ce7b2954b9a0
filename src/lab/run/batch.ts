import type { Optimizer } from '../../optim/optimizer.ts';
import type { AnyOptimizer } from '../../optim/registry.ts';
import { sweep, whatSetsApart } from '../../train/sweep.ts';
import { type Outcome, type TrialPlan, withoutResult } from '../plan.ts';
import type { Job } from './lane.ts';
import { isOfSurroundings } from './surroundings.ts';
import { type Bench, type OnProgress, optimizerOf, outcomeOf, runTrial, taskOf, throttled } from './trial.ts';

/**
 * Runs a job. The trials of a batch run as one vmapped program where `sweep` can do that, else one after another: which of the two follows
 * from their plans alone, for they agree up to rounding only. Such a program has checkpoints of its own, of all its trials together.
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
const common = ['task', 'competitor', 'steps', 'until', 'evaluateEvery', 'test'] as const;

/** The optimizers of a job that can run as one program, else null. */
function optimizersTogether(bench: Bench, job: Job): Optimizer[] | null {
  const [first] = job;
  const plain = job.every(
    ({ keep, from, evaluateStart, ...plan }) =>
      !keep && !evaluateStart && from === undefined && common.every((key) => plan[key] === first[key]),
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
  const [{ id, steps, until, evaluateEvery, test }] = job;
  const report = throttled((progress) => {
    for (const plan of job) onProgress(plan, progress);
  });
  try {
    const { task, taskPlan } = taskOf(bench, job[0]);
    const trials = await sweep({
      task,
      optimizer: optimizers[0],
      settings: optimizers.map(numbersOf),
      seed: job.map(({ seed }) => seed),
      steps,
      until,
      evaluateEvery,
      test,
      batchSize: taskPlan.batchSize,
      runtime: bench.runtime,
      signal,
      onStep: (step) => report({ step, steps: until, loss: Number.NaN }),
      ...(bench.folders.outliveProcess && {
        checkpoint: {
          directory: bench.folders.ofBatch(job),
          seconds: bench.checkpointSeconds,
          atEnd: false,
          onProblem: ({ message }) => bench.warn(`${id} and ${job.length - 1} others: ${message}`),
        },
      }),
    });
    return trials.map(({ values: _, seed: __, ...result }) => outcomeOf(result));
  } catch (error) {
    if (isOfSurroundings(error)) throw error;
    const seconds = (performance.now() - began) / 1000 / job.length;
    const failed = withoutResult('failed', error instanceof Error ? error.message : String(error), seconds);
    return job.map(() => failed);
  }
}
