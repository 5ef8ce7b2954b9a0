import { TensorError } from './error.ts';
import { concat, constant, where, zeros } from './functions.ts';
import { type Shape, sameShape, sizeOf } from './shape.ts';
import { apply, Tensor } from './tensor.ts';

/**
 * What a parameter tensor does in its model. Methods choose by it: Muon takes matrices and kernels, weight decay spares biases and gains.
 * Matrices are [out, in], convolution kernels [out, in, kh, kw], embeddings [vocabulary, width], the head is the output matrix.
 */
export type Role = 'matrix' | 'kernel' | 'embedding' | 'head' | 'bias' | 'gain' | 'other';

/** One parameter tensor and its place in the flat buffer, in elements. */
export interface Leaf {
  readonly name: string;
  readonly shape: Shape;
  readonly role: Role;
  readonly offset: number;
  readonly size: number;
}

/** The order of the parameter tensors in one flat buffer. */
export class Layout {
  readonly leaves: readonly Leaf[];
  /** Number of elements of the flat buffer. */
  readonly size: number;

  constructor(leaves: readonly { readonly name: string; readonly shape: Shape; readonly role: Role }[]) {
    let offset = 0;
    this.leaves = leaves.map(({ name, shape, role }) => {
      const leaf = { name, shape, role, offset, size: sizeOf(shape) };
      offset += leaf.size;
      return leaf;
    });
    this.size = offset;
    const names = new Set(this.leaves.map(({ name }) => name));
    if (names.size !== leaves.length) throw new TensorError('layout', 'two parameters share a name');
  }

  get sizes(): number[] {
    return this.leaves.map(({ size }) => size);
  }

  index(name: string): number {
    const found = this.leaves.findIndex((leaf) => leaf.name === name);
    if (found < 0) {
      const names = this.leaves.map((leaf) => leaf.name).join(', ');
      throw new TensorError('bundle', `has no parameter '${name}'; it has ${names}`);
    }
    return found;
  }

  /** The layout of some of the leaves. */
  select(chosen: (leaf: Leaf) => boolean): Layout {
    return new Layout(this.leaves.filter(chosen));
  }
}

/** What bundle arithmetic takes: another bundle of the same layout, a scalar tensor, a number. */
export type BundleOperand = Bundle | Tensor | number;

/**
 * The whole named set of parameter tensors, or anything of that form (a gradient, a moment). Arithmetic runs over one flat
 * tensor, so an element-wise rule is one fused loop; layer-wise rules ask for the tensors, which are views of it.
 */
export class Bundle {
  readonly layout: Layout;
  private flatTensor: Tensor | undefined;
  private leafTensors: readonly Tensor[] | undefined;

  private constructor(layout: Layout, flat: Tensor | undefined, leaves: readonly Tensor[] | undefined) {
    this.layout = layout;
    this.flatTensor = flat;
    this.leafTensors = leaves;
  }

  /** One number for each parameter tensor, [tensors], held at each of the tensor's elements; costs no memory when fused. */
  static fromNumbers(layout: Layout, numbers: Tensor): Bundle {
    return Bundle.fromFlat(layout, apply('segmentBroadcast', [numbers], { sizes: layout.sizes }));
  }
  /** Leading axes of `flat` are allowed: several bundles at once, as `vmap` gives and takes them. */
  static fromFlat(layout: Layout, flat: Tensor): Bundle {
    if (flat.shape.at(-1) !== layout.size) {
      throw new TensorError('bundle', `${flat} does not fill a layout of ${layout.size} elements`);
    }
    return new Bundle(layout, flat, undefined);
  }

  static fromLeaves(layout: Layout, leaves: readonly Tensor[]): Bundle {
    layout.leaves.forEach(({ name, shape }, i) => {
      const leaf = leaves[i];
      if (!leaf || !sameShape(leaf.shape, shape)) {
        throw new TensorError('bundle', `${leaf ?? 'nothing'} does not fit parameter '${name}' of shape [${shape}]`);
      }
    });
    return new Bundle(layout, undefined, leaves);
  }

  /** All elements in one row, leaf after leaf. */
  get flat(): Tensor {
    this.flatTensor ??= concat(this.leaves.map((leaf) => leaf.reshape([leaf.size])));
    return this.flatTensor;
  }

  /** The parameter tensors, in layout order. */
  get leaves(): readonly Tensor[] {
    this.leafTensors ??= this.layout.leaves.map(({ offset, size, shape }) => {
      const { flat } = this;
      return flat.sliceAxis(-1, offset, offset + size).reshape([...flat.shape.slice(0, -1), ...shape]);
    });
    return this.leafTensors;
  }

  /** One parameter tensor by name. */
  leaf(name: string): Tensor {
    return this.leaves[this.layout.index(name)];
  }

  /** The tensors by name, as a model wants them. */
  toRecord(): Record<string, Tensor> {
    return Object.fromEntries(this.layout.leaves.map(({ name }, i) => [name, this.leaves[i]]));
  }

  // A bundle in a tree of tensors is one flat tensor.
  get treeLeaves(): readonly Tensor[] {
    return [this.flat];
  }
  withTreeLeaves([flat]: readonly Tensor[]): Bundle {
    return Bundle.fromFlat(this.layout, flat);
  }

  // ── element-wise ──────────────────────────────────────────────────────────
  /** Applies a shape-preserving function to all elements at once. */
  map(fn: (flat: Tensor) => Tensor): Bundle {
    return Bundle.fromFlat(this.layout, fn(this.flat));
  }
  /** Applies a function of two tensors to this and another bundle, or to this and a scalar. */
  zip(other: BundleOperand, fn: (a: Tensor, b: Tensor | number) => Tensor): Bundle {
    if (other instanceof Bundle) {
      if (other.layout.size !== this.layout.size) {
        throw new TensorError('bundle', `layouts differ: ${this.layout.size} and ${other.layout.size} elements`);
      }
      return this.map((flat) => fn(flat, other.flat));
    }
    if (other instanceof Tensor && other.rank !== 0) {
      throw new TensorError('bundle', `takes a bundle, a scalar or a number, not ${other}; use perTensor for tensors`);
    }
    return this.map((flat) => fn(flat, other));
  }
  add(other: BundleOperand): Bundle {
    return this.zip(other, (a, b) => a.add(b));
  }
  sub(other: BundleOperand): Bundle {
    return this.zip(other, (a, b) => a.sub(b));
  }
  mul(other: BundleOperand): Bundle {
    return this.zip(other, (a, b) => a.mul(b));
  }
  div(other: BundleOperand): Bundle {
    return this.zip(other, (a, b) => a.div(b));
  }
  pow(other: BundleOperand): Bundle {
    return this.zip(other, (a, b) => a.pow(b));
  }
  maximum(other: BundleOperand): Bundle {
    return this.zip(other, (a, b) => a.maximum(b));
  }
  minimum(other: BundleOperand): Bundle {
    return this.zip(other, (a, b) => a.minimum(b));
  }
  neg(): Bundle {
    return this.map((x) => x.neg());
  }
  abs(): Bundle {
    return this.map((x) => x.abs());
  }
  /** -1, 0 or 1 for each element. */
  sign(): Bundle {
    return this.map((x) => x.sign());
  }
  square(): Bundle {
    return this.map((x) => x.square());
  }
  sqrt(): Bundle {
    return this.map((x) => x.sqrt());
  }
  exp(): Bundle {
    return this.map((x) => x.exp());
  }
  clip(low: BundleOperand, high: BundleOperand): Bundle {
    return this.maximum(low).minimum(high);
  }
  /** This bundle where the condition (a bundle of bools) holds, the other elsewhere. */
  where(condition: Bundle, other: BundleOperand): Bundle {
    return this.zip(other, (a, b) => where(condition.flat, a, b));
  }
  gt(other: BundleOperand): Bundle {
    return this.zip(other, (a, b) => a.gt(b));
  }
  lt(other: BundleOperand): Bundle {
    return this.zip(other, (a, b) => a.lt(b));
  }

  // ── over all parameters ───────────────────────────────────────────────────
  sum(): Tensor {
    return this.flat.sum();
  }
  /** Inner product over all parameters. */
  dot(other: Bundle): Tensor {
    return this.flat.mul(other.flat).sum();
  }
  /** Euclidean norm over all parameters. */
  norm(): Tensor {
    return this.flat.square().sum().sqrt();
  }

  // ── by tensor ─────────────────────────────────────────────────────────────
  /** The sum of each parameter tensor, [tensors]. */
  sumOfEach(): Tensor {
    return apply('segmentSum', [this.flat], { sizes: this.layout.sizes });
  }
  /** Sum of each parameter tensor, as a bundle that holds it at each of the tensor's elements. */
  tensorSums(): Bundle {
    return Bundle.fromNumbers(this.layout, this.sumOfEach());
  }
  /** Euclidean norm of each parameter tensor, held at each of the tensor's elements. */
  tensorNorms(): Bundle {
    return this.square().tensorSums().sqrt();
  }
  /** One number for each parameter tensor, held at each of its elements; costs no memory when fused. */
  perLeaf(value: (leaf: Leaf) => number): Bundle {
    const values = constant(this.layout.leaves.map(value), { dtype: this.flat.dtype });
    return Bundle.fromNumbers(this.layout, values);
  }
  /** The bundle of some of the tensors. */
  select(chosen: (leaf: Leaf) => boolean): Bundle {
    return Bundle.fromLeaves(
      this.layout.select(chosen),
      this.leaves.filter((_, i) => chosen(this.layout.leaves[i])),
    );
  }
}

/** A bundle of zeros of the same layout. */
export const zerosLike = (bundle: Bundle): Bundle =>
  Bundle.fromFlat(bundle.layout, zeros([bundle.layout.size], bundle.flat.dtype));

/** Applies a rule tensor by tensor: every result has the shape of its parameter. */
export function perTensor(
  rule: (tensors: readonly Tensor[], leaf: Leaf) => Tensor,
  ...bundles: readonly Bundle[]
): Bundle {
  const { layout } = bundles[0];
  return Bundle.fromLeaves(
    layout,
    layout.leaves.map((leaf, i) =>
      rule(
        bundles.map((bundle) => bundle.leaves[i]),
        leaf,
      ),
    ),
  );
}

/** Puts bundles of disjoint parts of a layout together again. */
export function merge(layout: Layout, ...parts: readonly Bundle[]): Bundle {
  const tensors = new Map(parts.flatMap((part) => part.layout.leaves.map(({ name }, i) => [name, part.leaves[i]])));
  return Bundle.fromLeaves(
    layout,
    layout.leaves.map(({ name }) => {
      const tensor = tensors.get(name);
      if (!tensor) throw new TensorError('bundle', `no part holds parameter '${name}'`);
      return tensor;
    }),
  );
}
