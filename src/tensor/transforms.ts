import { batchNode } from './batch.ts';
import { addLane, lanesTo } from './batch-lanes.ts';
import { isFloat } from './dtype.ts';
import { TensorError } from './error.ts';
import { parameter, zeros } from './functions.ts';
import { topological } from './graph.ts';
import { pushForward } from './jvp.ts';
import { isFlat } from './partials.ts';
import { formatShape, normalizeAxis, sameShape } from './shape.ts';
import { apply, scalar, type Tensor } from './tensor.ts';
import { flatten, leavesLike, unflatten } from './tree.ts';
import { pullBack } from './vjp.ts';

// Transforms take trees of tensors (see tree.ts) and record further nodes of the same graph, so they compose in any order.
// Each differentiates in fresh `identity` nodes of its arguments: what a function closes over stays constant, and an inner
// derivative never takes an outer variable for its own.

// ── on nodes ────────────────────────────────────────────────────────────────

/** What the outputs are made of, inputs first, as far as it can depend on the sources: nothing older than all of them does. */
function between(sources: readonly Tensor[], outputs: readonly Tensor[]): Tensor[] {
  const oldest = sources.reduce((least, { id }) => Math.min(least, id), Number.POSITIVE_INFINITY);
  return topological(outputs, (node) => node.id < oldest);
}

function checkLike(op: string, given: readonly Tensor[], like: readonly Tensor[]): void {
  if (given.length !== like.length) throw new TensorError(op, `takes ${like.length} tensors, not ${given.length}`);
  given.forEach((x, i) => {
    const { shape, dtype } = like[i];
    if (x.dtype !== dtype || !sameShape(x.shape, shape)) {
      throw new TensorError(op, `${x} does not fit ${dtype}${formatShape(shape)}`);
    }
  });
}

/** Pulls the cotangents of outputs back to other nodes of their graph: sum_i cotangent_i' d output_i / d wrt. Null: independent. */
export function cotangentsOf(
  outputs: readonly Tensor[],
  wrt: readonly Tensor[],
  cotangents: readonly Tensor[],
): (Tensor | null)[] {
  checkLike('cotangent', cotangents, outputs);
  const order = between(wrt, outputs);
  const active = new Set(wrt);
  for (const node of order) {
    if (isFloat(node.dtype) && !isFlat(node.op) && node.inputs.some((input) => active.has(input))) active.add(node);
  }
  const sums = new Map<Tensor, Tensor>();
  const collect = (node: Tensor, dy: Tensor): void => {
    if (active.has(node)) sums.set(node, sums.get(node)?.add(dy) ?? dy);
  };
  outputs.forEach((output, i) => {
    collect(output, cotangents[i]);
  });
  for (const node of order.reverse()) {
    const dy = sums.get(node);
    if (!dy || !node.inputs.some((input) => active.has(input))) continue;
    const pulls = pullBack(node, dy, cotangentsOf);
    node.inputs.forEach((input, i) => {
      const pull = active.has(input) ? pulls[i] : null;
      if (pull) collect(input, pull());
    });
  }
  return wrt.map((node) => sums.get(node) ?? null);
}

const orZeros = (x: Tensor | null, { shape, dtype }: Tensor): Tensor => x ?? zeros(shape, dtype);

/**
 * The gradient of `output` in each of the nodes `wrt` of its graph; zeros where it does not depend on one. An output that is no
 * scalar needs the cotangent to contract it with.
 */
export function gradients(output: Tensor, wrt: readonly Tensor[], cotangent?: Tensor): Tensor[] {
  if (!isFloat(output.dtype) || (!cotangent && output.rank !== 0)) {
    throw new TensorError('gradients', `takes a float scalar, not ${output}`);
  }
  const found = cotangentsOf([output], wrt, [cotangent ?? scalar(1, output.dtype)]);
  return found.map((g, i) => orZeros(g, wrt[i]));
}

/** How the outputs move when the nodes `wrt` of their graph move by `tangents`; zeros where one does not. */
export function tangentsOf(outputs: readonly Tensor[], wrt: readonly Tensor[], tangents: readonly Tensor[]): Tensor[] {
  checkLike('tangent', tangents, wrt);
  const moves = new Map<Tensor, Tensor>(wrt.map((node, i) => [node, tangents[i]]));
  for (const node of between(wrt, outputs)) {
    if (moves.has(node) || !isFloat(node.dtype)) continue;
    const incoming = node.inputs.map((input) => moves.get(input) ?? null);
    if (incoming.every((t) => t === null)) continue;
    const tangent = pushForward(node, incoming, tangentsOf);
    if (tangent) moves.set(node, tangent);
  }
  return outputs.map((output) => orZeros(moves.get(output) ?? null, output));
}

// ── on functions ────────────────────────────────────────────────────────────

/** Copies of the leaves in which to differentiate. */
function fresh(op: string, tree: unknown): Tensor[] {
  const { leaves, paths } = flatten(tree);
  return leaves.map((leaf, i) => {
    if (!isFloat(leaf.dtype)) {
      throw new TensorError(op, `${leaf}${paths[i] && ` at '${paths[i]}'`} has no derivatives; close over it instead`);
    }
    return apply('identity', [leaf], {});
  });
}

type Scalar<W, R extends readonly unknown[]> = (w: W, ...rest: R) => Tensor;
type WithAux<W, R extends readonly unknown[], A> = (w: W, ...rest: R) => readonly [loss: Tensor, aux: A];

/**
 * A function that answers [value, gradient in the first argument]. With `hasAux`, fn answers [value, aux] and the result is
 * [value, gradient, aux].
 */
export function valueAndGrad<W, R extends readonly unknown[]>(
  fn: Scalar<W, R>,
  options?: { hasAux?: false },
): (w: W, ...rest: R) => [value: Tensor, gradient: W];
export function valueAndGrad<W, R extends readonly unknown[], A>(
  fn: WithAux<W, R, A>,
  options: { hasAux: true },
): (w: W, ...rest: R) => [value: Tensor, gradient: W, aux: A];
export function valueAndGrad<W, R extends readonly unknown[], A>(
  fn: Scalar<W, R> | WithAux<W, R, A>,
  { hasAux = false }: { hasAux?: boolean } = {},
): (w: W, ...rest: R) => [Tensor, W] | [Tensor, W, A] {
  return (w, ...rest) => {
    const variables = fresh('grad', w);
    const result = fn(unflatten(w, variables), ...rest);
    const [value, aux] = hasAux ? (result as readonly [Tensor, A]) : [result as Tensor];
    if (!isFloat(value.dtype) || value.rank !== 0) {
      throw new TensorError('grad', `${fn.name || 'the function'} must answer a float scalar, not ${value}`);
    }
    const gradient = unflatten(w, gradients(value, variables));
    return hasAux ? [value, gradient, aux as A] : [value, gradient];
  };
}

/** The gradient of a scalar function in its first argument; further arguments are constants. */
export function grad<W, R extends readonly unknown[]>(fn: Scalar<W, R>): (w: W, ...rest: R) => W {
  const both = valueAndGrad(fn);
  return (w, ...rest) => both(w, ...rest)[1];
}

/** The value of fn at the primals, and the map from a cotangent of it to the cotangents of all primals. */
export function vjp<P extends readonly unknown[], R>(
  fn: (...primals: P) => R,
  ...primals: P
): [value: R, pullback: (cotangent: R) => P] {
  const variables = fresh('vjp', primals);
  const value = fn(...unflatten(primals, variables));
  const pullback = (cotangent: R): P => {
    const found = cotangentsOf(flatten(value).leaves, variables, leavesLike('vjp', value, cotangent));
    return unflatten(
      primals,
      found.map((g, i) => orZeros(g, variables[i])),
    );
  };
  return [value, pullback];
}

/** The value of fn at the primals, and how it moves when they move by `tangents`. */
export function jvp<P extends readonly unknown[], R>(
  fn: (...primals: P) => R,
  primals: readonly [...P],
  tangents: readonly [...P],
): [value: R, tangent: R] {
  const moves = leavesLike('jvp', primals, tangents);
  const variables = fresh('jvp', primals);
  const value = fn(...(unflatten(primals, variables) as P));
  return [value, unflatten(value, tangentsOf(flatten(value).leaves, variables, moves))];
}

/** The Hessian of a scalar function in all its primals, times vectors of the same form. */
export function hvp<P extends readonly unknown[]>(
  fn: (...primals: P) => Tensor,
  primals: readonly [...P],
  vectors: readonly [...P],
): P {
  const gradient = grad((all: P) => fn(...all));
  return jvp(gradient, [primals as unknown as P], [vectors as unknown as P])[1];
}

/** Which axis of each argument is mapped; null: none. A number speaks for the whole tree below it. */
export type InAxes = number | null | readonly InAxes[] | { readonly [key: string]: InAxes };

function axesOf(tree: unknown, axes: InAxes): (number | null)[] {
  if (axes === null || typeof axes === 'number') return flatten(tree).leaves.map(() => axes);
  const below = Object.entries(tree as Record<string, unknown>);
  return below.flatMap(([key, child]) => {
    const found = (axes as { readonly [key: string]: InAxes | undefined })[key];
    if (found === undefined) throw new TensorError('vmap', `inAxes says nothing of '${key}'; use null for no axis`);
    return axesOf(child, found);
  });
}

/**
 * Runs fn on every slice of its arguments along `inAxes` at once; results have the slices along axis 0. `random` leaves within fn
 * are not mapped: every slice sees the same numbers, unless they come in as an argument.
 */
export function vmap<A extends readonly unknown[], R>(fn: (...args: A) => R, inAxes: InAxes = 0): (...args: A) => R {
  return (...args) => {
    const { leaves, paths } = flatten(args);
    const axes = axesOf(args, inAxes);
    let size: number | undefined;
    const lanes = new Map<Tensor, Tensor>();
    const variables = leaves.map((leaf, i) => {
      const axis = axes[i];
      if (axis === null) return leaf;
      const at = normalizeAxis(axis, leaf.rank);
      if (at === null) throw new TensorError('vmap', `argument '${paths[i]}', ${leaf}, has no axis ${axis}`);
      const all = lanesTo(leaf, at, 0);
      size ??= all.shape[0];
      if (size !== all.shape[0]) {
        throw new TensorError('vmap', `argument '${paths[i]}' has ${all.shape[0]} slices, others ${size}`);
      }
      const one = parameter('vmap', all.shape.slice(1), leaf.dtype);
      lanes.set(one, all);
      return one;
    });
    if (size === undefined) throw new TensorError('vmap', 'maps over no argument');
    const result = fn(...unflatten(args, variables));
    return unflatten(result, batch(flatten(result).leaves, lanes, size));
  };
}

/** The outputs for all lanes along axis 0, where some nodes are replaced by theirs; what does not depend on these stays as it is. */
function batch(outputs: readonly Tensor[], lanes: ReadonlyMap<Tensor, Tensor>, size: number): Tensor[] {
  const done = new Map(lanes);
  for (const node of between([...lanes.keys()], outputs)) {
    if (done.has(node)) continue;
    const found = node.inputs.map((input) => done.get(input));
    if (found.every((x) => x === undefined)) continue;
    const inputs = found.map((x, i) => x ?? node.inputs[i]);
    const batched = found.map((x) => x !== undefined);
    done.set(node, batchNode(node, inputs, batched, size));
  }
  return outputs.map((output) => done.get(output) ?? addLane(output, size));
}
