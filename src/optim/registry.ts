import { partsOf } from './composed-name.ts';
import type { DrivenOptimizer } from './driven.ts';
import { HyperError, type HyperSpec } from './hyper.ts';
import * as catalog from './methods.ts';
import type { Optimizer } from './optimizer.ts';
import * as scheduleCatalog from './schedules.ts';
import * as wrapperCatalog from './wrappers.ts';

/** What lists, docs and races know of a method, a wrapper or a schedule. */
export interface Described {
  readonly id: string;
  readonly summary: string;
  readonly source: string;
  readonly hyper: HyperSpec;
}

const byId = <T extends Described>(catalog: Readonly<Record<string, T>>): T[] =>
  Object.values(catalog).sort((a, b) => (a.id < b.id ? -1 : 1));

/** Every method, by name. */
export const methods = byId<(typeof catalog)[keyof typeof catalog]>(catalog);

/** Every wrapper that a composed name can use: 'sam(sgd)'. */
export const wrappers = byId<(typeof wrapperCatalog)[keyof typeof wrapperCatalog]>(wrapperCatalog);

/** Every schedule; in a composed name it is a wrapper: 'cosine(adamw)'. */
export const schedules = byId<(typeof scheduleCatalog)[keyof typeof scheduleCatalog]>(scheduleCatalog);

export type AnyOptimizer = Optimizer | DrivenOptimizer;
type Create = () => AnyOptimizer;
type Wrap = (base: Optimizer) => Optimizer;

// The lists keep the types of each factory; by name they are all alike.
const methodByName = new Map<string, Create>(methods.map((method) => [method.id, method as Create]));
const wrapperByName = new Map<string, Wrap>([
  ...wrappers.map((wrapper): [string, Wrap] => [wrapper.id, wrapper as Wrap]),
  ...schedules.map((schedule): [string, Wrap] => [schedule.id, schedule.wrapper as Wrap]),
]);

/** A name that no method or wrapper has; `known` are those that could stand there. */
export class UnknownOptimizerError extends Error {
  override readonly name = 'UnknownOptimizerError';
  readonly unknown: string;
  readonly known: readonly string[];

  constructor(what: 'method' | 'wrapper', unknown: string, known: Iterable<string>) {
    const names = [...known];
    super(`there is no ${what} '${unknown}'; there are ${names.join(', ')}`);
    this.unknown = unknown;
    this.known = names;
  }
}

/** Optimizers that a caller has beyond the registry's, by name. */
export type MoreOptimizers = ReadonlyMap<string, AnyOptimizer>;

/** An optimizer with default values from its name, 'adamw' or composed: 'linear(sam(sgd))'. */
function parse(name: string, more: MoreOptimizers): AnyOptimizer {
  const parts = partsOf(name);
  const id = parts[parts.length - 1];
  const method = more.get(id) ?? methodByName.get(id)?.();
  if (!method) throw new UnknownOptimizerError('method', id, [...more.keys(), ...methodByName.keys()]);
  return parts.slice(0, -1).reduceRight((base: AnyOptimizer, outer) => {
    const wrap = wrapperByName.get(outer);
    if (!wrap) throw new UnknownOptimizerError('wrapper', outer, wrapperByName.keys());
    if (base.kind === 'driven') throw new HyperError(`${name}: ${base.id} runs its own loop and takes no wrapper`);
    return wrap(base);
  }, method);
}

/**
 * The optimizer of this name with these hyperparameters; a composed one takes those of all its parts. UnknownOptimizerError for a name that
 * nobody has, NameSyntaxError for one that cannot be read.
 */
export function getOptimizer(
  name: string,
  values: Readonly<Record<string, unknown>> = {},
  more: MoreOptimizers = new Map(),
): AnyOptimizer {
  return parse(name, more).with(values);
}
