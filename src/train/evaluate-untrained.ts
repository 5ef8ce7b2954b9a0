import type { Runtime } from '../runtime/runtime.ts';
import type { Task } from '../tasks/task.ts';
import { Buffers } from './buffers.ts';
import { Evaluator } from './evaluator.ts';
import { initializeTask } from './initialize.ts';
import { layoutOf } from './objective.ts';
import type { Evaluation } from './result.ts';
import { defaultRuntime } from './train.ts';

export interface UntrainedOptions {
  readonly task: Task;
  /** Initial parameters follow from it, as in `train`. Default 0. */
  readonly seed?: number;
  /** Default: the process-wide runtime. */
  readonly runtime?: Runtime;
}

/**
 * The validation set before the first step: where every run of this task with this seed begins, whatever the optimizer. A function of task
 * and seed alone, so it need not be kept in a checkpoint, and changes no run.
 */
export async function evaluateUntrained(options: UntrainedOptions): Promise<Evaluation> {
  const { task, seed = 0, runtime = defaultRuntime() } = options;
  const splits = await task.data();
  const buffers = new Buffers(runtime);
  try {
    initializeTask(task, seed, buffers);
    const evaluator = new Evaluator(task, layoutOf(task), runtime, buffers);
    return { step: 0, seconds: 0, ...(await evaluator.evaluate('w', splits?.validation ?? null)) };
  } finally {
    buffers.release();
  }
}
