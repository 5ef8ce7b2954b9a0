import { type Bundle, type Leaf, merge, type Role, zerosLike } from '../../tensor/bundle.ts';
import { concat } from '../../tensor/functions.ts';
import { HyperError, type HyperSpec } from '../hyper.ts';
import type { Optimizer, State } from '../optimizer.ts';
import { type ParameterView, throughView } from './transformed.ts';

/** Some of the parameters and the optimizer that trains them. */
export interface ParamGroup {
  /** Prefix of the group's hyperparameters: 'head.lr'. */
  readonly name: string;
  /** A tensor belongs to the first group that takes it. */
  readonly takes: (leaf: Leaf) => boolean;
  readonly optimizer: Optimizer;
}

type Names = Readonly<Record<string, unknown>>;

const prefixed = <V>(name: string, record: Readonly<Record<string, V>>): [string, V][] =>
  Object.entries(record).map(([key, value]) => [`${name}.${key}`, value]);

/** The entries below a prefix, without it. */
const below = (name: string, record: Names): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(record).flatMap(([key, value]) =>
      key.startsWith(`${name}.`) ? [[key.slice(name.length + 1), value]] : [],
    ),
  );

/** The groups that take any tensor, each with its own. */
function partition(w: Bundle, groups: readonly ParamGroup[]) {
  const owners = new Map(w.layout.leaves.map((leaf) => [leaf.name, groups.find(({ takes }) => takes(leaf))]));
  for (const [name, owner] of owners) {
    if (!owner) throw new HyperError(`groups: no group takes parameter '${name}'`);
  }
  return groups.flatMap((group) => {
    const mine = (leaf: Leaf) => owners.get(leaf.name) === group;
    return w.layout.leaves.some(mine) ? [{ ...group, mine, part: w.select(mine) }] : [];
  });
}

/** A group's view of the parameters: the others stay where they are. */
function groupView(w: Bundle, part: Bundle, mine: (leaf: Leaf) => boolean): ParameterView {
  const fill = (inside: Bundle, outside: Bundle) =>
    merge(
      w.layout,
      inside,
      outside.select((leaf) => !mine(leaf)),
    );
  return {
    whole: (point) => (point === part ? w : fill(point, w)),
    wholeDirection: (v) => fill(v, zerosLike(w)),
    part: (g) => g.select(mine),
    columns: (grads) =>
      concat(
        w.layout.leaves.filter(mine).map(({ offset, size }) => grads.sliceAxis(1, offset, offset + size)),
        1,
      ),
  };
}

/**
 * Parts of the parameters with an optimizer each. All see the same gradient, which counts as one call. Hyperparameters carry the group's
 * name before a dot, a schedule around the groups reaches every learning rate, and groups with several minibatches share them.
 */
export function paramGroups(groups: readonly ParamGroup[]): Optimizer {
  const names = groups.map(({ name }) => name);
  if (new Set(names).size !== names.length)
    throw new HyperError(`groups: two groups share a name: ${names.join(', ')}`);
  const spec: HyperSpec = Object.fromEntries(groups.flatMap(({ name, optimizer }) => prefixed(name, optimizer.spec)));
  const evaluates = groups.some(({ optimizer }) => optimizer.evaluationPoint);
  return {
    kind: 'symbolic',
    id: `groups(${groups.map(({ name, optimizer }) => `${name}: ${optimizer.id}`).join(', ')})`,
    spec,
    values: Object.fromEntries(groups.flatMap(({ name, optimizer }) => prefixed(name, optimizer.values))),
    batches: Math.max(...groups.map(({ optimizer }) => optimizer.batches)),
    init: (w, hyper) =>
      Object.fromEntries(
        partition(w, groups).map(({ name, part, optimizer }) => [name, optimizer.init(part, below(name, hyper))]),
      ),
    step(context) {
      const { w, oracle, hyper } = context;
      const state = context.state as Readonly<Record<string, State>>;
      const next = partition(w, groups).map(({ name, part, mine, optimizer }) => ({
        name,
        ...optimizer.step({
          ...context,
          w: part,
          state: state[name],
          hyper: below(name, hyper),
          oracle: throughView(oracle, groupView(w, part, mine)),
        }),
      }));
      return {
        w: merge(w.layout, ...next.map((group) => group.w)),
        state: Object.fromEntries(next.map((group) => [group.name, group.state])),
      };
    },
    ...(evaluates && {
      evaluationPoint(context) {
        const state = context.state as Readonly<Record<string, State>>;
        const points = partition(context.w, groups).map(({ name, part, optimizer }) => {
          const inner = { ...context, w: part, state: state[name], hyper: below(name, context.hyper) };
          return optimizer.evaluationPoint?.(inner) ?? part;
        });
        return merge(context.w.layout, ...points);
      },
    }),
    with(values) {
      const unknown = Object.keys(values).find((key) => !(key in spec));
      if (unknown) {
        throw new HyperError(`groups: there is no hyperparameter '${unknown}'; it has ${Object.keys(spec).join(', ')}`);
      }
      return paramGroups(
        groups.map((group) => ({ ...group, optimizer: group.optimizer.with(below(group.name, values)) })),
      );
    },
  };
}

/** An optimizer for each role; `rest` takes the roles without one. */
export function byRole({ rest, ...roles }: Partial<Record<Role | 'rest', Optimizer>>): Optimizer {
  const groups = Object.entries(roles).map(([name, optimizer]) => ({
    name,
    takes: (leaf: Leaf) => leaf.role === name,
    optimizer,
  }));
  return paramGroups([...groups, ...(rest ? [{ name: 'rest', takes: () => true, optimizer: rest }] : [])]);
}
