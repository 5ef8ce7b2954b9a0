import type { Distribution } from './attrs.ts';
import type { DType } from './dtype.ts';
import { TensorError } from './error.ts';
import { where } from './functions.ts';
import type { Shape } from './shape.ts';
import { apply, type Tensor } from './tensor.ts';

// Random leaves are declared inputs: the runtime draws them from (seed, stream, step), anew at each step, alike on every engine.

const random =
  (distribution: Distribution) =>
  (shape: Shape, stream: string, dtype: DType = 'float32'): Tensor<'random'> =>
    apply('random', [], { distribution, stream, shape, dtype });

/** Uniform on [0, 1). */
export const randomUniform = random('uniform');
/** Standard normal. */
export const randomNormal = random('normal');
/** -1 or 1, equally likely. */
export const randomRademacher = random('rademacher');

/**
 * Hands out streams 'prefix/0', 'prefix/1', ... in the order of the calls: a function traced twice, each time with new RandomStreams of
 * one prefix, declares the same random inputs.
 */
export class RandomStreams {
  readonly prefix: string;
  private next = 0;

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  private stream(): string {
    return `${this.prefix}/${this.next++}`;
  }

  /** Uniform on [0, 1). */
  uniform(shape: Shape, dtype?: DType): Tensor {
    return randomUniform(shape, this.stream(), dtype);
  }
  /** Standard normal. */
  normal(shape: Shape, dtype?: DType): Tensor {
    return randomNormal(shape, this.stream(), dtype);
  }
  /** -1 or 1, equally likely. */
  rademacher(shape: Shape, dtype?: DType): Tensor {
    return randomRademacher(shape, this.stream(), dtype);
  }
}

/**
 * Sets each element to 0 with probability `rate` in [0, 1) and scales the rest by 1 / (1 - rate), so that the mean stays
 * (Srivastava et al. 2014, in the inverted form). For training only.
 */
export function dropout(x: Tensor, rate: number, streams: RandomStreams): Tensor {
  if (!(rate >= 0 && rate < 1)) throw new TensorError('dropout', `rate is ${rate}; it must lie in [0, 1)`);
  if (rate === 0) return x;
  const keep = streams.uniform(x.shape).ge(rate);
  return where(keep, x.mul(1 / (1 - rate)), 0);
}
