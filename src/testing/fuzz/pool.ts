import { evaluate } from '../../runtime/reference/index.ts';
import { type DType, isFloat } from '../../tensor/dtype.ts';
import { parameter } from '../../tensor/functions.ts';
import { topological } from '../../tensor/graph.ts';
import { broadcastShapes, type Shape, sameShape, sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Dice } from './dice.ts';
import type { Leaf, Numbers } from './program.ts';

/** How large a program may be. */
export interface Profile {
  /** Sizes of axes; a program takes a few of them, so that shapes meet. */
  readonly dims: readonly number[];
  readonly maxRank: number;
  readonly maxSize: number;
}

/** Makes a use of an op out of what is in the pool; null when nothing there fits. Values that are not finite are sorted out later. */
export type Maker = (pool: Pool) => Tensor | null;

/** Floats beyond this magnitude are not wanted: products of a few of them must stay finite, also when they are differentiated. */
const largest = 1e3;

/** The tensors of a program that grows, with their values: what would not be finite is not let in. */
export class Pool {
  readonly dice: Dice;
  readonly profile: Profile;
  readonly leaves = new Map<Leaf, Numbers>();
  readonly nodes: Tensor[] = [];
  private readonly known = new Map<Tensor, Numbers>();
  private readonly dims: readonly number[];

  constructor(dice: Dice, profile: Profile) {
    this.dice = dice;
    this.profile = profile;
    this.dims = [1, ...Array.from({ length: 3 }, () => dice.pick(profile.dims))];
  }

  /** Lets a node in, if it and what it is made of are small, finite numbers. */
  add(node: Tensor): boolean {
    const fresh = topological([node], (at) => this.known.has(at));
    if (fresh.some((at) => at.size > this.profile.maxSize)) return false;
    const values = evaluate(fresh, new Map(this.known));
    const tame = fresh.every(({ dtype }, i) => !isFloat(dtype) || values[i].data.every((x) => Math.abs(x) <= largest));
    if (!tame) return false;
    fresh.forEach((at, i) => {
      this.known.set(at, values[i].data);
    });
    this.nodes.push(node);
    return true;
  }

  shape(rank = this.dice.int(0, this.profile.maxRank)): Shape {
    const shape = Array.from({ length: rank }, () => this.dice.pick(this.dims));
    return sizeOf(shape) <= this.profile.maxSize ? shape : shape.map((n, i) => (i === 0 ? n : Math.min(n, 3)));
  }

  /** A new parameter. Integers lie in [low, high]. */
  leaf(shape: Shape, dtype: DType = 'float32', low = -3, high = 3): Tensor {
    const { dice } = this;
    const draws: Record<DType, () => number> = {
      float32: () => Math.fround(dice.between(-2, 2)),
      float64: () => Math.fround(dice.between(-2, 2)),
      int32: () => dice.int(low, high),
      uint8: () => dice.int(Math.max(0, low), high),
      bool: () => dice.int(0, 1),
    };
    const leaf = parameter(`x${this.leaves.size}`, shape, dtype);
    this.enter(
      leaf,
      Array.from({ length: leaf.size }, () => draws[dtype]()),
    );
    return leaf;
  }

  /** Lets in a leaf with its numbers. */
  enter(leaf: Leaf, values: Numbers): void {
    this.leaves.set(leaf, values);
    this.known.set(leaf, values);
    this.nodes.push(leaf);
  }

  /** One of the tensors that fit, young ones more often; null when none does. */
  find(fits: (x: Tensor) => boolean): Tensor | null {
    const found = this.nodes.filter(fits);
    if (found.length === 0) return null;
    return this.dice.chance(0.5) ? this.dice.pick(found.slice(-4)) : this.dice.pick(found);
  }

  /** A float tensor of rank `minRank` or more. */
  float(minRank = 0): Tensor {
    const found = this.dice.chance(0.9) && this.find(({ dtype, rank }) => isFloat(dtype) && rank >= minRank);
    return (
      found || this.leaf(this.shape(this.dice.int(minRank, Math.max(minRank, this.profile.maxRank))), this.floatType())
    );
  }

  /** Any tensor of numbers. */
  numeric(minRank = 0): Tensor {
    return this.find(({ dtype, rank }) => dtype !== 'bool' && rank >= minRank) ?? this.float(minRank);
  }

  any(minRank = 0): Tensor {
    return this.find(({ rank }) => rank >= minRank) ?? this.float(minRank);
  }

  /** A tensor of this form from the pool, or a new parameter. */
  like(shape: Shape, dtype: DType): Tensor {
    const same = (x: Tensor): boolean => x.dtype === dtype && sameShape(x.shape, shape);
    return (this.dice.chance(0.8) && this.find(same)) || this.leaf(shape, dtype);
  }

  /** A tensor that broadcasts against a shape. */
  partner(shape: Shape, dtype: DType): Tensor {
    const meets = (other: Tensor): boolean => {
      const both = other.dtype === dtype ? broadcastShapes(shape, other.shape) : null;
      return both !== null && sizeOf(both) <= this.profile.maxSize;
    };
    const found = this.dice.chance(0.8) && this.find(meets);
    if (found) return found;
    const tail = shape.slice(this.dice.int(0, shape.length));
    return this.leaf(
      tail.map((n) => (this.dice.chance(0.7) ? n : 1)),
      dtype,
    );
  }

  /** Indices of an axis of size n, which must not be empty. */
  indices(n: number, shape: Shape = this.shape(this.dice.int(0, 2))): Tensor {
    const fitting = this.dice.chance(0.5) && this.find((x) => x.dtype === 'int32' && sameShape(x.shape, shape));
    return fitting ? fitting.maximum(0).minimum(n - 1) : this.leaf(shape, 'int32', 0, n - 1);
  }

  floatType(): DType {
    return this.dice.chance(0.85) ? 'float32' : 'float64';
  }

  axis(x: Tensor): number {
    return this.dice.int(0, x.rank - 1);
  }
}
