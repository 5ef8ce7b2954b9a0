import { distance } from 'fastest-levenshtein';
import { logisticMnist, mnistCnn, mnistMlp } from './mnist.ts';
import { noisyQuadratic } from './noisy-quadratic.ts';
import { quadratic } from './quadratic.ts';
import { sotuCharGpt, sotuCharLstm } from './sotu.ts';
import type { Task } from './task.ts';
import { beale, rosenbrock } from './test-functions.ts';

/** Every built-in task, by id. Called without options each gives its standard form. */
export const tasks = {
  quadratic,
  rosenbrock,
  beale,
  'noisy-quadratic': noisyQuadratic,
  'logistic-mnist': logisticMnist,
  'mnist-mlp': mnistMlp,
  'mnist-cnn': mnistCnn,
  'sotu-char-lstm': sotuCharLstm,
  'sotu-char-gpt': sotuCharGpt,
} satisfies Record<string, () => Task>;

export type TaskId = keyof typeof tasks;
export type TaskOptions<Id extends TaskId> = NonNullable<Parameters<(typeof tasks)[Id]>[0]>;

/** A built-in task by its id. Throws RangeError for an id that is not known, with the nearest one. */
export function getTask<Id extends string>(
  id: Id,
  options?: Id extends TaskId ? TaskOptions<Id> : Readonly<Record<string, unknown>>,
): Task {
  const create = Object.hasOwn(tasks, id) ? tasks[id as TaskId] : undefined;
  if (!create) {
    const ids = Object.keys(tasks).sort((a, b) => distance(id, a) - distance(id, b));
    const known = Object.keys(tasks).join(', ');
    throw new RangeError(`there is no task '${id}'; did you mean '${ids[0]}'? All tasks: ${known}`);
  }
  // The signature pairs id and options; the compiler cannot follow that through the lookup.
  return (create as (options?: object) => Task)(options);
}
