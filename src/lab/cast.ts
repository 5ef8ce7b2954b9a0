import { loadModule } from '#lab/load-module';
import { type AnyOptimizer, getOptimizer } from '../optim/registry.ts';
import { getTask } from '../tasks/registry.ts';
import type { Task } from '../tasks/task.ts';
import { RaceError } from './race-error.ts';

/** Who can take part in a race: what the registries have, and what the race's module or its caller brings. */
export interface Cast {
  /** What is not the registries'. */
  readonly own: Required<Own>;
  /** Its data is loaded once, however often it is asked for. RangeError for a name that nobody has. */
  task(name: string): Task;
  /** Also a composed name whose method is one of the race's own, 'sam(mine)'. UnknownOptimizerError for a name that nobody has. */
  optimizer(name: string, values?: Readonly<Record<string, unknown>>): AnyOptimizer;
}

/** What a race brings with it, by name. A name that a registry has too means the race's own. */
export interface Own {
  readonly tasks?: Readonly<Record<string, Task>>;
  readonly optimizers?: Readonly<Record<string, AnyOptimizer>>;
}

export function castOf({ tasks = {}, optimizers = {} }: Own = {}): Cast {
  const loadedOnce = new Map<string, Task>();
  const methods = new Map(Object.entries(optimizers));
  return {
    own: { tasks, optimizers },
    task(name) {
      const task = loadedOnce.get(name) ?? once(Object.hasOwn(tasks, name) ? tasks[name] : getTask(name));
      loadedOnce.set(name, task);
      return task;
    },
    // A name is looked up as a whole first: an object may be called 'sam(adamw)' and have values of its own.
    optimizer: (name, values = {}) => methods.get(name)?.with(values) ?? getOptimizer(name, values, methods),
  };
}

/** The task, but its data is loaded at most once. */
function once(task: Task): Task {
  let data: ReturnType<Task['data']> | undefined;
  const load = (): ReturnType<Task['data']> => {
    data ??= task.data();
    return data;
  };
  return { ...task, data: load };
}

/** The registries, and what a module exports: by name, and in the race that is its default export. */
export async function loadCast(module: string | null): Promise<Cast> {
  return castOf(module === null ? {} : ownOf(await loadModule(module), module));
}

/** Tasks and optimizers among the exports of a module. */
export function ownOf(exports: Readonly<Record<string, unknown>>, module: string): Own {
  const tasks: Record<string, Task> = {};
  const optimizers: Record<string, AnyOptimizer> = {};
  for (const [name, value] of Object.entries(exports)) {
    if (name === 'default') continue;
    if (isTask(value)) add(tasks, 'tasks', value.id, value, module);
    const optimizer = optimizerOf(value);
    if (optimizer) add(optimizers, 'optimizers', optimizer.id, optimizer, module);
  }
  const race = objectsOf(exports.default);
  return { tasks: { ...tasks, ...race.tasks }, optimizers: { ...optimizers, ...race.optimizers } };
}

function add<T>(all: Record<string, T>, what: string, id: string, value: T, module: string): void {
  const known = all[id];
  if (known && known !== value) throw new RaceError(`${module}: exports two ${what} with the id '${id}'`);
  all[id] = value;
}

/** The objects that a race is given instead of names. They go by their labels, which are unique, unlike ids: sgd() and sgd({ lr: 1 }). */
export function objectsOf(race: unknown): Required<Own> {
  const { tasks, competitors } = (race ?? {}) as { readonly tasks?: unknown; readonly competitors?: unknown };
  const given: [string, Task][] = entries(tasks).flatMap((entry) => {
    const task = isTask(entry) ? entry : entry.task;
    return isTask(task) ? [[labelOf(entry) ?? task.id, task]] : [];
  });
  const methods: [string, AnyOptimizer][] = entries(competitors).flatMap((entry) => {
    const alone = optimizerOf(entry);
    if (alone) return [[alone.id, alone]];
    const optimizer = optimizerOf(entry.optimizer);
    return optimizer ? [[labelOf(entry) ?? optimizer.id, optimizer]] : [];
  });
  return { tasks: Object.fromEntries(given), optimizers: Object.fromEntries(methods) };
}

const entries = (list: unknown): Readonly<Record<string, unknown>>[] =>
  Array.isArray(list) ? list.filter((entry) => entry !== null && ['object', 'function'].includes(typeof entry)) : [];

const labelOf = ({ label }: Readonly<Record<string, unknown>>): string | null =>
  typeof label === 'string' ? label : null;

export const isTask = (value: unknown): value is Task => {
  const task = value as Partial<Task> | null;
  return (
    typeof task === 'object' &&
    typeof task?.id === 'string' &&
    typeof task.loss === 'function' &&
    typeof task.data === 'function'
  );
};

/** A factory stands for one optimizer wherever it is named. */
const madeBy = new WeakMap<object, AnyOptimizer | null>();

/** A configured optimizer, or that of what makes one: `defineOptimizer(...)`. Null for anything else, wrappers and schedules among it. */
export function optimizerOf(value: unknown): AnyOptimizer | null {
  if (isOptimizer(value)) return value;
  if (!isFactory(value)) return null;
  if (!madeBy.has(value)) madeBy.set(value, made(value));
  return madeBy.get(value) ?? null;
}

const isFactory = (value: unknown): value is () => unknown =>
  typeof value === 'function' && 'id' in value && 'hyper' in value;

function made(factory: () => unknown): AnyOptimizer | null {
  try {
    const optimizer = factory();
    return isOptimizer(optimizer) ? optimizer : null;
  } catch {
    // A wrapper needs a base.
    return null;
  }
}

const isOptimizer = (value: unknown): value is AnyOptimizer => {
  const kind = (value as { readonly kind?: unknown } | null | undefined)?.kind;
  return kind === 'symbolic' || kind === 'driven';
};
