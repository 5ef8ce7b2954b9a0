import { TensorError } from './error.ts';
import { Tensor } from './tensor.ts';

/** An object that stands for some tensors in a tree (a bundle, say) and can be made again from others. */
export interface TreeNode<T = Tensor> {
  readonly treeLeaves: readonly T[];
  withTreeLeaves(leaves: readonly T[]): TreeNode<T>;
}

/** Leaves in any nesting of arrays, plain objects and tree nodes. */
export type Tree<T = Tensor> = T | TreeNode<T> | readonly Tree<T>[] | { readonly [key: string]: Tree<T> };

/** The leaves of a tree in order, and where each lies: 'layers.0.weight', '' for a tree that is one leaf. */
export interface FlatTree<T = Tensor> {
  readonly leaves: T[];
  readonly paths: string[];
}

export const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

const isNode = (value: unknown): value is TreeNode<unknown> =>
  typeof value === 'object' && value !== null && 'treeLeaves' in value && 'withTreeLeaves' in value;

const join = (path: string, key: string | number): string => (path === '' ? `${key}` : `${path}.${key}`);

/** What lies directly below an inner node, by key. The one leaf of a tree node goes by the node's own path. */
function children(tree: unknown, path: string): [path: string, child: unknown][] {
  if (Array.isArray(tree)) return tree.map((child, i) => [join(path, i), child]);
  if (isNode(tree)) {
    const { treeLeaves } = tree;
    return treeLeaves.map((leaf, i) => [treeLeaves.length === 1 ? path : join(path, i), leaf]);
  }
  if (typeof tree === 'object' && tree !== null) {
    const prototype: unknown = Object.getPrototypeOf(tree);
    if (prototype === Object.prototype || prototype === null) {
      return Object.entries(tree).map(([key, child]) => [join(path, key), child]);
    }
  }
  const what = typeof tree === 'object' && tree !== null ? tree.constructor.name : String(tree);
  throw new TensorError('tree', `${path === '' ? 'the value' : `'${path}'`} is ${what}; a tree holds only tensors`);
}

/** The leaves of a tree in order, with their paths. */
export function flatten<T = Tensor>(
  tree: unknown,
  isLeaf: (value: unknown) => value is T = isTensor as (value: unknown) => value is T,
): FlatTree<T> {
  const leaves: T[] = [];
  const paths: string[] = [];
  const visit = (node: unknown, path: string): void => {
    if (isLeaf(node)) {
      leaves.push(node);
      paths.push(path);
    } else for (const [below, child] of children(node, path)) visit(child, below);
  };
  visit(tree, '');
  return { leaves, paths };
}

/** The same tree with fn(leaf, path) at each leaf. */
export function mapTree<W, T = Tensor>(
  tree: W,
  fn: (leaf: T, path: string) => unknown,
  isLeaf: (value: unknown) => value is T = isTensor as (value: unknown) => value is T,
): W {
  const visit = (node: unknown, path: string): unknown => {
    if (isLeaf(node)) return fn(node, path);
    const below = children(node, path).map(([at, child]) => visit(child, at));
    if (Array.isArray(node)) return below;
    if (isNode(node)) return node.withTreeLeaves(below);
    return Object.fromEntries(Object.keys(node as object).map((key, i) => [key, below[i]]));
  };
  return visit(tree, '') as W;
}

/** The tree of this form with these leaves, in the order of `flatten`. */
export function unflatten<W>(like: W, leaves: readonly Tensor[]): W {
  let next = 0;
  const tree = mapTree(like, () => leaves[next++]);
  if (next !== leaves.length) throw new TensorError('tree', `${leaves.length} tensors do not fill a tree of ${next}`);
  return tree;
}

/** The leaves of a tree in the order of another tree of the same form; keys may come in another order. */
export function leavesLike(op: string, like: unknown, tree: unknown): Tensor[] {
  const expected = flatten(like);
  const found = flatten(tree);
  const byPath = new Map(found.paths.map((path, i) => [path, found.leaves[i]]));
  if (byPath.size !== expected.paths.length) {
    throw new TensorError(op, `the trees differ: [${expected.paths.join(', ')}] and [${found.paths.join(', ')}]`);
  }
  return expected.paths.map((path, i) => {
    const leaf = byPath.get(path);
    if (!leaf) throw new TensorError(op, `a tree lacks '${path}'; it has [${found.paths.join(', ')}]`);
    const { shape, dtype } = expected.leaves[i];
    if (leaf.dtype !== dtype || leaf.shape.join() !== shape.join()) {
      throw new TensorError(op, `${leaf} at '${path}' does not fit ${dtype}[${shape.join(', ')}]`);
    }
    return leaf;
  });
}
