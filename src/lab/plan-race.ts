import { tasks as registry } from '../tasks/registry.ts';
import type { Task } from '../tasks/task.ts';
import { sizeOf } from '../tensor/shape.ts';
import { type Cast, castOf, isTask, loadCast, objectsOf } from './cast.ts';
import { checkTask } from './check-task.ts';
import { planCompetitor } from './competitor.ts';
import type { RacePlan, SchedulePlan, TaskPlan } from './plan.ts';
import { getProtocol, protocolPlan } from './protocols/index.ts';
import { RaceError, unknownName } from './race-error.ts';
import { checkRaceSpec } from './race-schema.ts';
import type { RaceSpec, TaskOptions } from './race-spec.ts';

export const defaultSchedule: SchedulePlan = { warmup: 0.05, decay: 'linear' };

/** Seeds of runs: a race with seed s tunes with 1000 s and ends with 1000 s + 1, 1000 s + 2, ... */
export const seedsPerRace = 1000;

export interface PlannedRace {
  readonly plan: RacePlan;
  readonly cast: Cast;
  /** It has objects that no module names, so that it can run in this process only. */
  readonly own: boolean;
}

/**
 * Decides everything that fixes the outcome of a race, and refuses what cannot be run before anything is computed: RaceError names the
 * field. The data of every task is loaded once.
 */
export async function planRace(spec: RaceSpec): Promise<PlannedRace> {
  checkRaceSpec(spec);
  const { seeds = 3, seed = 0, module = null } = spec;
  const { cast, own } = await castFor(spec, module);
  const tasks = await Promise.all(spec.tasks.map((task, i) => planTask(task, cast, `tasks[${i}]`)));
  const competitors = spec.competitors.map((competitor, i) => planCompetitor(competitor, cast, `competitors[${i}]`));
  unique(
    'tasks',
    tasks.map(({ label }) => label),
  );
  const labels = competitors.map(({ label }) => label);
  unique('competitors', labels);
  const { baseline = labels.includes('adamw') ? 'adamw' : null } = spec;
  if (baseline !== null && !labels.includes(baseline)) {
    throw new RaceError(`baseline: ${unknownName('competitor', baseline, labels)}`);
  }
  const plan: RacePlan = {
    name: spec.name ?? nameOf(tasks),
    tasks,
    competitors,
    baseline,
    protocol: protocolPlan(spec.protocol ?? 'equal-budget'),
    seed,
    tuneSeed: seed * seedsPerRace,
    finalSeeds: Array.from({ length: seeds }, (_, i) => seed * seedsPerRace + 1 + i),
    schedule: spec.schedule ?? defaultSchedule,
    engine: spec.engine ?? 'auto',
    module,
  };
  const protocol = getProtocol(plan.protocol.kind);
  protocol.check?.(plan, plan.protocol.options);
  return { plan, cast, own };
}

/** What the module has, and what the race itself is given. Objects that the module does not know by the same names make a race `own`. */
async function castFor(spec: RaceSpec, module: string | null): Promise<{ cast: Cast; own: boolean }> {
  const given = objectsOf(spec);
  const loaded = await loadCast(module);
  const { tasks, optimizers } = loaded.own;
  const named =
    Object.entries(given.tasks).every(([name, task]) => tasks[name] === task) &&
    Object.entries(given.optimizers).every(([name, optimizer]) => optimizers[name] === optimizer);
  if (named) return { cast: loaded, own: false };
  const cast = castOf({
    tasks: { ...tasks, ...given.tasks },
    optimizers: { ...optimizers, ...given.optimizers },
  });
  return { cast, own: true };
}

async function planTask(given: RaceSpec['tasks'][number], cast: Cast, at: string): Promise<TaskPlan> {
  const options: TaskOptions = typeof given === 'string' || isTask(given) ? { task: given } : given;
  const name = typeof options.task === 'string' ? options.task : (options.label ?? options.task.id);
  const task = named(name, cast, at);
  const { target: asked = task.target, batchSize = task.batchSize } = options;
  const target = typeof asked === 'number' ? { ...task.target, value: asked } : asked;
  const data = await loaded(task, at);
  checkTask(task, data, batchSize, target, at);
  return {
    label: options.label ?? name,
    task: name,
    summary: task.summary,
    hasData: data !== null,
    parameters: parameterCount(task),
    batchSize,
    steps: options.steps ?? task.steps,
    evaluations: options.evaluations ?? 20,
    target,
    ...(options.scale && { scale: options.scale }),
  };
}

function named(name: string, cast: Cast, at: string): Task {
  const known = [...Object.keys(cast.own.tasks), ...Object.keys(registry)];
  if (!known.includes(name)) throw new RaceError(`${at}: ${unknownName('task', name, known)}`);
  return cast.task(name);
}

async function loaded(task: Task, at: string) {
  try {
    return await task.data();
  } catch (error) {
    throw new RaceError(`${at} (${task.id}): its data cannot be loaded: ${(error as Error).message}`, { cause: error });
  }
}

function unique(field: 'tasks' | 'competitors', labels: readonly string[]): void {
  labels.forEach((label, i) => {
    const path = `${field}[${i}]`;
    if (label.trim() === '') throw new RaceError(`${path}.label is empty; it must name something`);
    if (label.includes('/')) throw new RaceError(`${path}.label is '${label}'; it must not contain '/'`);
    const first = labels.indexOf(label);
    if (first === i) return;
    throw new RaceError(`${path}: '${label}' takes part twice, as ${field}[${first}] too; give one of them a label`);
  });
}

const nameOf = ([first, ...others]: readonly TaskPlan[]): string =>
  others.length === 0 ? first.label : `${first.label} and ${others.length} more`;

/** Numbers that are trained. */
export const parameterCount = ({ parameters }: Task): number =>
  Object.values(parameters).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
