import { sizeOf } from '../../tensor/shape.ts';
import { accept, domainOf, join } from './domain.ts';
import { forwards, type Group, itemReads } from './fuse.ts';
import type { PointwiseOp, PointwiseValue, Value } from './ir.ts';
import type { Item } from './item.ts';

/** Ops that take less time than reading their result from beyond the caches. */
const cheap: ReadonlySet<PointwiseOp> = new Set<PointwiseOp>([
  ...(['add', 'sub', 'mul', 'neg', 'abs', 'relu', 'maximum', 'minimum'] as const),
  ...(['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'and', 'or', 'not', 'where', 'cast', 'copy'] as const),
]);
const mostOps = 4;

/** A divisor that is the same for a row becomes a factor: see `withReciprocals`. */
const isCheap = ({ op, operands }: PointwiseValue): boolean =>
  cheap.has(op) || (op === 'div' && operands[1].strides.at(-1) === 0);

/**
 * Has kernels compute again what others would have stored for them, where that moves less memory: `x - mean`, say, which the variance
 * and the normalization both need. `groups` are in order; what need not lie in memory any more leaves `stored`.
 */
export function rematerialize(groups: readonly Group[], stored: Set<Value>, outputs: readonly Value[]): void {
  const readers = new Map<Value, Set<Group>>();
  for (const group of groups) {
    for (const value of group.items.flatMap(itemReads).map((view) => view.value)) {
      const known = readers.get(value);
      if (known) known.add(group);
      else readers.set(value, new Set([group]));
    }
  }
  const places = new Map(groups.map((group, at) => [group, at]));
  const results = outputs.map((value) => ({ value, at: groups.findIndex(({ makes }) => makes.has(value)) }));
  /** Whether an output that may be bound to the buffer of an input is written before a kernel would read that. */
  const overwritten = (input: Value, by: Group): boolean =>
    input.kind === 'input' &&
    results.some(({ value, at }) => at < (places.get(by) ?? 0) && sizeOf(value.shape) === sizeOf(input.shape));

  groups.forEach((group) => {
    for (const item of group.items) {
      const { value } = item;
      if (value.kind !== 'pointwise' || !stored.has(value) || outputs.includes(value)) continue;
      const consumers = [...(readers.get(value) ?? [])].filter((reader) => reader !== group);
      const cone = coneOf(value, stored);
      if (!cone || consumers.length === 0) continue;
      if (consumers.some((to) => !takes(to, value, cone.items))) continue;
      if (consumers.some((to) => cone.leaves.some((leaf) => overwritten(leaf, to)))) continue;
      const large = cone.leaves.filter((leaf) => sizeOf(leaf.shape) >= sizeOf(value.shape));
      const extra = consumers.flatMap((to) => large.filter((leaf) => !readers.get(leaf)?.has(to)));
      // Instead of one read for each consumer, and of a write, which moves twice as much.
      if (extra.length >= consumers.length + 2) continue;
      stored.delete(value);
      for (const to of consumers) {
        add(to, cone.items);
        for (const read of cone.items.flatMap(itemReads)) readers.get(read.value)?.add(to);
      }
    }
  });
}

/** What computes a value from memory, and the values it reads there; null when that is too much work. */
function coneOf(value: PointwiseValue, stored: ReadonlySet<Value>): { items: Item[]; leaves: Value[] } | null {
  const items = new Map<Value, Item>();
  const leaves = new Set<Value>();
  const visit = (one: PointwiseValue): boolean => {
    if (items.has(one)) return true;
    if (!isCheap(one) || items.size === mostOps) return false;
    items.set(one, { kind: 'compute', value: one });
    return one.operands.every((view) => {
      const operand = view.value;
      if (operand.kind === 'pointwise' && !stored.has(operand)) return forwards(view) && visit(operand);
      leaves.add(operand);
      return true;
    });
  };
  return visit(value) ? { items: [...items.values()], leaves: [...leaves] } : null;
}

/** Whether a kernel reads the value only where it would have it in a register, and may compute it. */
const takes = (group: Group, value: Value, cone: readonly Item[]): boolean =>
  !group.reads.has(value) && joined(group, cone) !== null;

const joined = ({ domain }: Group, cone: readonly Item[]): Group['domain'] =>
  cone.map(domainOf).reduce((into, other) => (into && other && accept(into, other) ? join(into, other) : null), domain);

function add(group: Group, cone: readonly Item[]): void {
  group.domain = joined(group, cone);
  const fresh = cone.filter(({ value }) => !group.makes.has(value));
  for (const { value } of fresh) group.makes.add(value);
  group.items = [...group.items, ...fresh].sort((a, b) => a.value.id - b.value.id);
}
