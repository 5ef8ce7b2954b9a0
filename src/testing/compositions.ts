import { HyperError, type HyperSpec, type HyperValues } from '../optim/hyper.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import { getOptimizer, methods, schedules, wrappers } from '../optim/registry.ts';
import { traceStep } from '../optim/step-program.ts';
import type { WrapperFactory } from '../optim/wrapper.ts';
import { Layout } from '../tensor/bundle.ts';
import { brisk } from './brisk.ts';
import { givenObjective } from './given-gradients.ts';

/**
 * Composed optimizers of a method, a schedule and wrappers such that each pair occurs in one: each schedule around each method, each wrapper
 * around each method, and schedules and wrappers in either nesting order. A schedule within a schedule is not asked for: they share the names
 * of their warmups.
 */

/** A layer around what is within it: `outer` is a wrapper or schedule, `inner` one of those or a method. */
interface Pair {
  readonly outer: string;
  readonly inner: string;
}

/** From the outside in; the last is a method. */
export type Composition = readonly string[];

export interface Refusal extends Pair {
  readonly message: string;
}

export interface Covering {
  readonly compositions: readonly Composition[];
  readonly refusals: readonly Refusal[];
  /** How many pairs there are. */
  readonly pairs: number;
}

const scheduleIds = schedules.map(({ id }) => id);
const wrapperIds = wrappers.map(({ id }) => id);
const layerIds = [...scheduleIds, ...wrapperIds];
const layerSpecs = new Map([...schedules, ...wrappers].map(({ id, hyper }) => [id, hyper]));
/** Those that one program can step: driven methods take no layer. */
const methodIds = methods.map(({ id }) => id).filter((id) => getOptimizer(id).kind === 'symbolic');

export const nameOf = (composition: Composition): string =>
  composition.reduceRight((inside, outside) => `${outside}(${inside})`);

/** Values under which few steps use every part of each layer and of the method. */
export function briskValues(composition: Composition): Record<string, number | boolean | string> {
  const ofLayers = composition.slice(0, -1).flatMap((layer) => {
    const known = Object.keys(brisk).find((name) => name.startsWith(`${layer}(`));
    const own = layerSpecs.get(layer) ?? {};
    return Object.entries(known ? brisk[known] : {}).filter(([name]) => name in own);
  });
  return { ...brisk[composition[composition.length - 1]], ...Object.fromEntries(ofLayers) };
}

export const composed = (composition: Composition): Optimizer =>
  getOptimizer(nameOf(composition), briskValues(composition)) as Optimizer;

/** An optimizer in one more layer; brisk values where none are given. */
export function within(
  layer: string,
  base: Optimizer,
  values: Readonly<Record<string, unknown>> = briskValues([layer, base.id]),
): Optimizer {
  const schedule = schedules.find(({ id }) => id === layer);
  const wrapper = schedule?.wrapper ?? wrappers.find(({ id }) => id === layer);
  // The catalog keeps the type of each factory; by name they are all alike.
  return (wrapper as WrapperFactory)(base, values as Partial<HyperValues<HyperSpec>>);
}

const pairsOf = (composition: Composition): Pair[] =>
  composition.flatMap((outer, i) => composition.slice(i + 1).map((inner) => ({ outer, inner })));

const keyOf = ({ outer, inner }: Pair): string => `${outer} around ${inner}`;

function allPairs(): Pair[] {
  const around = (inner: string) => (outer: string) => ({ outer, inner });
  const ofLayers = layerIds.flatMap((inner) =>
    layerIds
      .filter((outer) => outer !== inner && !(scheduleIds.includes(outer) && scheduleIds.includes(inner)))
      .map(around(inner)),
  );
  return [...methodIds.flatMap((method) => layerIds.map(around(method))), ...ofLayers];
}

/** Several tensors of every role: some rules have a period for each. */
const layout = new Layout([
  { name: 'W', shape: [4, 3], role: 'matrix' },
  { name: 'b', shape: [4], role: 'bias' },
  { name: 'gain', shape: [4], role: 'gain' },
  { name: 'temperature', shape: [], role: 'other' },
  { name: 'head', shape: [2, 4], role: 'head' },
]);
/** A wrapper may step its base at some steps only, and its base refuse a question then. */
const tracedSteps = [1, 2];

/** What is said against a composition when it is made and traced; null when nothing is. */
function refusalOf(composition: Composition): string | null {
  try {
    const optimizer = composed(composition);
    for (const t of tracedSteps) traceStep(optimizer, layout, () => givenObjective(layout), t);
    return null;
  } catch (error) {
    // Any other error is a fault, which the composition's own run will show.
    return error instanceof HyperError ? error.message : null;
  }
}

const mostLayers = 3;

/** Greedily built compositions that cover all pairs, and the pairs that are refused when they stand alone. */
export function pairwiseCovering(): Covering {
  const all = allPairs();
  const missing = new Map(all.map((pair) => [keyOf(pair), pair]));
  const refused = new Map<string, Refusal>();
  const compositions: Composition[] = [];

  const gain = (composition: Composition): number => {
    const keys = pairsOf(composition).map(keyOf);
    return keys.some((key) => refused.has(key)) ? -1 : keys.filter((key) => missing.has(key)).length;
  };
  const allowed = (composition: Composition, layer: string): boolean =>
    !composition.includes(layer) &&
    !(scheduleIds.includes(layer) && composition.some((other) => scheduleIds.includes(other)));
  const extended = (composition: Composition): Composition | null => {
    const candidates = layerIds
      .filter((layer) => allowed(composition, layer))
      .flatMap((layer) => composition.map((_, i) => [...composition.slice(0, i), layer, ...composition.slice(i)]));
    let best: { composition: Composition; gain: number } | null = null;
    for (const candidate of candidates) {
      const found = gain(candidate);
      if (found > (best?.gain ?? gain(composition))) best = { composition: candidate, gain: found };
    }
    return best?.composition ?? null;
  };
  const begun = ({ outer, inner }: Pair): Composition => {
    if (methodIds.includes(inner)) return [outer, inner];
    const open = methodIds.find((method) => gain([outer, inner, method]) > 1);
    return [outer, inner, open ?? 'sgd'];
  };

  for (let next = missing.values().next(); !next.done; next = missing.values().next()) {
    let composition = begun(next.value);
    while (composition.length <= mostLayers) {
      const larger = extended(composition);
      if (!larger) break;
      composition = larger;
    }
    const objection = refusalOf(composition);
    if (objection === null) {
      compositions.push(composition);
      for (const pair of pairsOf(composition)) missing.delete(keyOf(pair));
      continue;
    }
    const culprits = pairsOf(composition).flatMap((pair) => {
      const alone = methodIds.includes(pair.inner) ? [pair.outer, pair.inner] : [pair.outer, pair.inner, 'sgd'];
      const message = refusalOf(alone);
      return message === null ? [] : [{ ...pair, message }];
    });
    if (culprits.length === 0) throw new Error(`${nameOf(composition)} is refused, but no pair of it: ${objection}`);
    for (const culprit of culprits) {
      refused.set(keyOf(culprit), culprit);
      missing.delete(keyOf(culprit));
    }
  }
  return { compositions, refusals: [...refused.values()], pairs: all.length };
}
