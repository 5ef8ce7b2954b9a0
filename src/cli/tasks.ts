import colors from 'picocolors';
import { metricValue, plural, whole } from '../lab/format.ts';
import { type TaskId, tasks } from '../tasks/registry.ts';
import type { Task } from '../tasks/task.ts';
import { sizeOf } from '../tensor/shape.ts';

const parameterCount = (task: Task): number =>
  Object.values(task.parameters).reduce((sum, { shape }) => sum + sizeOf(shape), 0);

export async function tasksCommand({ json = false }: { json?: boolean }): Promise<void> {
  const all = (Object.keys(tasks) as TaskId[]).map((id) => (tasks[id] as () => Task)());
  if (json) {
    const entries = all.map((task) => ({
      id: task.id,
      summary: task.summary,
      parameters: parameterCount(task),
      batchSize: task.batchSize,
      steps: task.steps,
      target: task.target,
    }));
    process.stdout.write(`${JSON.stringify(entries, null, 2)}\n`);
    return;
  }
  const widest = Math.max(...all.map(({ id }) => id.length));
  for (const task of all) {
    const { metric, value } = task.target;
    const budget = `${plural(parameterCount(task), 'parameter')}, batch ${task.batchSize}, ${whole(task.steps)} steps, target: ${metric} ${metricValue(metric, value)}`;
    process.stdout.write(
      `${colors.cyan(task.id.padEnd(widest))}  ${task.summary}\n${' '.repeat(widest)}  ${colors.dim(budget)}\n`,
    );
  }
}
