import { sizeOf } from '../../tensor/shape.ts';
import { accept, type Domain, domainOf, join } from './domain.ts';
import { operandsOf, type Value, type View } from './ir.ts';
import type { Item } from './item.ts';
import { isContiguous } from './view.ts';

/** Items that one kernel computes in one pass. */
export interface Group {
  readonly order: number;
  items: Item[];
  /** Null for kernels that are no fused loops. */
  domain: Domain | null;
  before: Set<Group>;
  after: Set<Group>;
  /** Values that the group makes; values that it must find in memory; all values that it uses. */
  makes: Set<object>;
  reads: Set<object>;
  roots: Set<Value>;
}

/** Larger bodies gain nothing and burden the register allocator. */
const maxItems = 600;

/** An operand that stays in a register when its producer sits in the same kernel: same element, same iteration. */
export const forwards = (view: View): boolean => view.value.kind === 'pointwise' && isContiguous(view);

export const itemReads = (item: Item): readonly View[] => {
  if (item.kind === 'fill') return [];
  if (item.kind === 'part') return [item.part.source];
  return operandsOf(item.value);
};

const isSegmented = (item: Item): boolean => item.value.kind === 'pointwise' && item.value.op === 'segmentBroadcast';

function itemsOf(value: Value): Item[] {
  switch (value.kind) {
    case 'input':
    case 'constant':
    case 'iota':
      return [];
    case 'pointwise':
    case 'segmentSum':
      return [{ kind: 'compute', value }];
    case 'reduce':
      return [{ kind: 'compute', value }];
    case 'assemble': {
      const parts = value.parts.filter(({ source }) => sizeOf(source.shape) > 0);
      const filled: Item[] = value.fill === null ? [] : [{ kind: 'fill', value }];
      return [...filled, ...parts.map((part): Item => ({ kind: 'part', value, part }))];
    }
    default:
      return [{ kind: 'special', value }];
  }
}

/**
 * Groups values (topological) into kernels: greedily, every item joins the kernels that make what it reads, or that read what it reads,
 * wherever iteration spaces agree and no cycle arises.
 */
export function fuse(values: readonly Value[]): Group[] {
  const groups = new Set<Group>();
  const makers = new Map<object, Set<Group>>();
  const readers = new Map<object, Set<Group>>();
  let lastScalar: Group | null = null;
  let order = 0;

  const link = (from: Group, to: Group): void => {
    if (from === to) return;
    from.after.add(to);
    to.before.add(from);
  };
  const move = (index: Map<object, Set<Group>>, key: object, from: Group, to: Group): void => {
    const held = index.get(key);
    held?.delete(from);
    held?.add(to);
  };
  const merge = (into: Group, other: Group): void => {
    into.items = [...into.items, ...other.items].sort((a, b) => a.value.id - b.value.id);
    into.domain = into.domain && other.domain && join(into.domain, other.domain);
    for (const key of other.makes) {
      into.makes.add(key);
      move(makers, key, other, into);
    }
    for (const key of other.reads) into.reads.add(key);
    for (const root of other.roots) {
      into.roots.add(root);
      move(readers, root, other, into);
    }
    for (const g of other.before) {
      g.after.delete(other);
      link(g, into);
    }
    for (const g of other.after) {
      g.before.delete(other);
      link(into, g);
    }
    into.before.delete(other);
    into.after.delete(other);
    groups.delete(other);
    if (lastScalar === other) lastScalar = into;
  };

  for (const value of values) {
    if (sizeOf(value.shape) === 0) continue;
    let fillKey: object | null = null;
    for (const item of itemsOf(value)) {
      const group: Group = {
        order: order++,
        items: [item],
        domain: domainOf(item),
        before: new Set(),
        after: new Set(),
        makes: new Set([value]),
        reads: new Set(),
        roots: new Set(),
      };
      groups.add(group);
      const candidates = new Set<Group>();
      for (const view of itemReads(item)) {
        group.roots.add(view.value);
        for (const maker of makers.get(view.value) ?? []) {
          link(maker, group);
          candidates.add(maker);
        }
        if (!forwards(view) || isSegmented(item) || item.kind === 'special') group.reads.add(view.value);
      }
      if (item.kind === 'fill') {
        fillKey = {};
        group.makes.add(fillKey);
      } else if (fillKey) {
        group.reads.add(fillKey);
        for (const maker of makers.get(fillKey) ?? []) link(maker, group);
      }
      for (const key of group.makes) put(makers, key, group);
      for (const root of group.roots) {
        for (const reader of readers.get(root) ?? []) candidates.add(reader);
        put(readers, root, group);
      }
      if (group.domain?.size === 1 && lastScalar) candidates.add(lastScalar);

      let current = group;
      for (const candidate of [...candidates].sort((a, b) => b.order - a.order)) {
        if (candidate === current || !groups.has(candidate) || !mayMerge(candidate, current)) continue;
        merge(candidate, current);
        current = candidate;
      }
      if (current.domain?.size === 1) lastScalar = current;
    }
  }
  return [...groups];
}

function put(index: Map<object, Set<Group>>, key: object, group: Group): void {
  const held = index.get(key);
  if (held) held.add(group);
  else index.set(key, new Set([group]));
}

function mayMerge(a: Group, b: Group): boolean {
  if (!a.domain || !b.domain || a.items.length + b.items.length > maxItems || !accept(a.domain, b.domain)) return false;
  for (const key of a.reads) if (b.makes.has(key)) return false;
  for (const key of b.reads) if (a.makes.has(key)) return false;
  return !reaches(a, b) && !reaches(b, a);
}

/** Whether a path leads from one group to the other through a third. */
function reaches(from: Group, to: Group): boolean {
  const seen = new Set<Group>();
  const stack = [...from.after].filter((g) => g !== to);
  for (let g = stack.pop(); g; g = stack.pop()) {
    if (seen.has(g)) continue;
    seen.add(g);
    for (const next of g.after) {
      if (next === to) return true;
      stack.push(next);
    }
  }
  return false;
}
