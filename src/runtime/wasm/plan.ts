import type { Graph } from '../../tensor/graph.ts';
import { simplify } from '../simplify.ts';
import { copied } from './construct.ts';
import { forwards, fuse, type Group, itemReads } from './fuse.ts';
import { operandsOf, type Value, type View } from './ir.ts';
import type { DecompositionsKernel, Kernel } from './kernel.ts';
import { loopKernel } from './loop.ts';
import { expandComposites, lower } from './lower.ts';
import { blocksOf } from './lstm.ts';
import { type Placement, place } from './place.ts';
import { withReciprocals } from './reciprocals.ts';
import { rematerialize } from './rematerialize.ts';
import { defaultTaskTime, divide, type Sharing } from './split.ts';
import { tilingOf } from './tile.ts';
import { isContiguous } from './view.ts';

/** A graph as kernels in order and places for what they read and write. */
export interface Plan extends Placement {
  readonly kernels: readonly Kernel[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

/** `sharing` says how large kernels are shared by threads; none are by default. */
export function plan(graph: Graph, sharing: Sharing = { threads: 1, taskTime: defaultTaskTime }): Plan {
  const lowered = lower(simplify(expandComposites(simplify(graph, 'kernels')), 'kernels'));
  const outputs = ownBuffers(lowered.outputs);
  const groups = schedule(fuse(reachable(outputs)), new Set(outputs));
  const stored = storedValues(groups, outputs);
  rematerialize(groups, stored, outputs);
  const separate = groups.map((group): Kernel => {
    const [first] = group.items;
    return first.kind === 'special' ? specialKernel(first.value) : withReciprocals(loopKernel(group, stored));
  });
  const kernels = joinDecompositions(separate).map((kernel) => divide(kernel, sharing));
  const inputs = lowered.inputs.map((view) => view.value);
  return { kernels, inputs, outputs, ...place(kernels, inputs, outputs, sharing.threads) };
}

function specialKernel(value: Value): Kernel {
  if (value.kind === 'matmul') return { kind: 'matmul', value, tiling: tilingOf(value), split: null };
  if (value.kind === 'lstm') return { kind: 'lstm', value, blocks: blocksOf(value), split: null };
  if (value.kind === 'attention') return { kind: 'attention', value, split: null };
  if (value.kind === 'decomposition') return { kind: 'decompositions', values: [value], split: null };
  return { kind: 'special', value, split: null };
}

/** Decompositions in a row become one kernel, unless one reads another. */
function joinDecompositions(kernels: readonly Kernel[]): Kernel[] {
  const joined: Kernel[] = [];
  for (const kernel of kernels) {
    const last = joined.at(-1);
    if (kernel.kind === 'decompositions' && last?.kind === 'decompositions' && !reads(kernel, last)) {
      joined[joined.length - 1] = { ...last, values: [...last.values, ...kernel.values] };
    } else joined.push(kernel);
  }
  return joined;
}

const reads = (later: DecompositionsKernel, earlier: DecompositionsKernel): boolean =>
  later.values.some(({ x }) => earlier.values.some((value) => value === x.value));

/** Every output becomes a value that some kernel writes, and no two the same: others are copied. */
function ownBuffers(views: readonly View[]): Value[] {
  const taken = new Set<Value>();
  return views.map((view) => {
    const { kind } = view.value;
    const leaf = kind === 'input' || kind === 'constant' || kind === 'iota';
    const own = leaf || taken.has(view.value) || !isContiguous(view) ? copied(view).value : view.value;
    taken.add(own);
    return own;
  });
}

function reachable(outputs: readonly Value[]): Value[] {
  const seen = new Set<Value>();
  const stack = [...outputs];
  for (let value = stack.pop(); value; value = stack.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    stack.push(...operandsOf(value).map((view) => view.value));
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/**
 * Topological order; what writes outputs comes as late as it can, so that updates in place find their old values no longer needed.
 * Decompositions come later still, and then all that can: several threads share those in a row.
 */
function schedule(groups: readonly Group[], outputs: ReadonlySet<Value>): Group[] {
  const decomposes = (group: Group | undefined): boolean => group?.items[0].value.kind === 'decomposition';
  const late = (group: Group): number => {
    if (decomposes(group)) return decomposes(order.at(-1)) ? -1 : 2;
    return Number(group.items.some(({ value }) => outputs.has(value)));
  };
  const missing = new Map(groups.map((group) => [group, group.before.size]));
  const ready = groups.filter((group) => group.before.size === 0);
  const order: Group[] = [];
  while (ready.length > 0) {
    let best = 0;
    for (let i = 1; i < ready.length; i++) {
      const difference = late(ready[i]) - late(ready[best]) || ready[i].order - ready[best].order;
      if (difference < 0) best = i;
    }
    const [group] = ready.splice(best, 1);
    order.push(group);
    for (const next of group.after) {
      const left = (missing.get(next) ?? 0) - 1;
      missing.set(next, left);
      if (left === 0) ready.push(next);
    }
  }
  return order;
}

/** What some other kernel reads, or the caller. Everything but element-wise results always lies in memory. */
function storedValues(groups: readonly Group[], outputs: readonly Value[]): Set<Value> {
  const stored = new Set(outputs);
  for (const group of groups) {
    for (const item of group.items) {
      for (const view of itemReads(item)) {
        if (!forwards(view) || !group.makes.has(view.value)) stored.add(view.value);
      }
    }
  }
  return stored;
}
