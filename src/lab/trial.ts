import type { AnyOptimizer } from '../optim/registry.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Task } from '../tasks/task.ts';
import { train } from '../train/train.ts';
import { type Outcome, type TrialPlan, type TrialProgress, withoutResult } from './protocol.ts';

/** What trials of one process share. One runtime, so that programs compile once. */
export interface Bench {
  readonly task: Task;
  readonly runtime: Runtime;
  optimizer(plan: TrialPlan): AnyOptimizer;
}

/** Milliseconds between two reports of progress. */
const progressInterval = 100;
/** Points kept of a loss curve. */
const curvePoints = 200;

/** Trains once. Errors are outcomes: one trial that cannot run must not end the race. */
export async function runTrial(
  bench: Bench,
  plan: TrialPlan,
  onProgress: (progress: TrialProgress) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1000;
  if (signal.aborted) return withoutResult('interrupted');
  let reported = began;
  try {
    const { parameters: _, ...result } = await train({
      task: bench.task,
      optimizer: bench.optimizer(plan),
      runtime: bench.runtime,
      seed: plan.seed,
      steps: plan.steps,
      evaluateEvery: plan.evaluateEvery,
      test: plan.test,
      signal,
      hooks: {
        onStep(progress) {
          const now = performance.now();
          if (now - reported < progressInterval) return;
          reported = now;
          onProgress(progress);
        },
      },
    });
    return { ...result, trainLoss: thin(result.trainLoss, curvePoints), wallSeconds: elapsed() };
  } catch (error) {
    return withoutResult('failed', error instanceof Error ? error.message : String(error), elapsed());
  }
}

/** At most `most` of the points, evenly spaced, the last one among them. */
function thin<T>(points: readonly T[], most: number): readonly T[] {
  if (points.length <= most) return points;
  const stride = points.length / most;
  return Array.from({ length: most }, (_, i) => points[Math.ceil((i + 1) * stride) - 1]);
}
