import type { Splits } from '../data/dataset.ts';
import type { Target, Task } from '../tasks/task.ts';
import { Bundle } from '../tensor/bundle.ts';
import { parameter } from '../tensor/functions.ts';
import { batchSymbols, evaluationContext, layoutOf, lossOf, metricsOf } from '../train/objective.ts';
import { RaceError } from './race-error.ts';

/**
 * Traces the loss and the metrics of a task on its data, so that a model, a loss or a target that cannot be is refused before anything
 * runs. `at` is where the task stands in the race: 'tasks[0]'.
 */
export function checkTask(task: Task, data: Splits | null, batchSize: number, target: Target, at: string): void {
  const metrics = metricNames(task, data, batchSize, at);
  if (metrics.includes(target.metric)) return;
  throw new RaceError(`${at}.target.metric is '${target.metric}'; it must be one of ${metrics.join(', ')}`);
}

function metricNames(task: Task, data: Splits | null, batchSize: number, at: string): readonly string[] {
  try {
    const layout = layoutOf(task);
    const input = {
      params: Bundle.fromFlat(layout, parameter('w', [layout.size])).toRecord(),
      batch: batchSymbols('batch', data?.validation.fields ?? {}, batchSize),
      context: evaluationContext(task),
    };
    lossOf(task, input);
    return ['loss', ...Object.keys(metricsOf(task, input))];
  } catch (error) {
    throw new RaceError(`${at} (${task.id}): ${(error as Error).message}`, { cause: error });
  }
}
