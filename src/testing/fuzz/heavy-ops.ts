import type { ConvGeometry, PoolGeometry } from '../../tensor/attrs.ts';
import { constant, eigh, orthonormalize } from '../../tensor/functions.ts';
import { infer } from '../../tensor/infer.ts';
import { swapLast } from '../../tensor/partials.ts';
import { type Shape, sizeOf } from '../../tensor/shape.ts';
import { apply, type Tensor } from '../../tensor/tensor.ts';
import type { Dice } from './dice.ts';
import type { Maker, Pool } from './pool.ts';

/**
 * Functions of the eigenvalues and eigenvectors of a symmetric matrix that depend on neither signs nor order. The eigenvalues are
 * kept apart, so that eigenvectors have derivatives and rounding does not turn them.
 */
export const eigenvalues: Maker = (pool) => {
  const square = pool.find(({ dtype, shape }) => {
    const [m, n] = shape.slice(-2);
    return dtype.startsWith('float') && shape.length >= 2 && m === n && n <= 9;
  });
  const n = square?.shape[square.rank - 1] ?? pool.dice.int(1, 5);
  const x = square ?? pool.leaf([n, n], pool.floatType());
  const apart = Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? (5 * n * i) / (n + 1) : 0));
  const bounded = x.tanh();
  const symmetric = bounded.add(swapLast(bounded)).add(constant(apart, { shape: [n, n], dtype: x.dtype }));
  const { values, vectors } = eigh(symmetric);
  switch (pool.dice.int(0, 2)) {
    case 0:
      return values;
    case 1:
      return vectors.square();
    default:
      return vectors.mul(values.abs().add(1).pow(-0.5).expandDims(-2)).matmul(vectors, { transposeB: true });
  }
};

/** An orthonormal basis of columns that are far from dependent, so that rounding does not turn it. */
export const orthonormalColumns: Maker = (pool) => {
  const tall = pool.find(({ dtype, shape }) => {
    const [m, n] = shape.slice(-2);
    return dtype.startsWith('float') && shape.length >= 2 && m >= n && m <= 9;
  });
  const [m, n] = tall?.shape.slice(-2) ?? [pool.dice.int(3, 5), pool.dice.int(1, 3)];
  const x = tall ?? pool.leaf([m, n], pool.floatType());
  const apart = Array.from({ length: m * n }, (_, i) => (Math.floor(i / n) === i % n ? 2 * n : 0));
  return orthonormalize(x.tanh().add(constant(apart, { shape: [m, n], dtype: x.dtype })));
};

const pair = (draw: () => number): [number, number] => [draw(), draw()];

/** A float image [N, C, H, W]. */
function image(pool: Pool): Tensor {
  const { dice } = pool;
  const found = dice.chance(0.6) && pool.find((x) => x.dtype.startsWith('float') && x.rank === 4 && x.size <= 3000);
  if (found) return found;
  const shape = [dice.int(1, 3), dice.pick([1, 2, 3, 4, 6]), dice.int(1, 9), dice.int(1, 9)];
  return pool.leaf(shape, pool.floatType());
}

const fits = (size: number, extent: number, [low, high]: readonly [number, number]): boolean =>
  size + low + high >= extent;

/** A geometry and a kernel for an image. */
function convolution(dice: Dice, x: Shape): { geometry: ConvGeometry; kernel: Shape } | null {
  const groups = dice.pick([1, 1, 1, 2, 3, x[1]].filter((n) => n > 0 && x[1] % n === 0));
  const kernel = [groups * dice.int(1, 3), x[1] / groups, dice.int(1, 4), dice.int(1, 4)];
  const geometry: ConvGeometry = {
    stride: pair(() => dice.pick([1, 1, 2, 3])),
    padding: [pair(() => dice.int(0, 2)), pair(() => dice.int(0, 2))],
    dilation: pair(() => dice.pick([1, 1, 1, 2])),
    groups,
  };
  const inside = [0, 1].every((i) =>
    fits(x[2 + i], geometry.dilation[i] * (kernel[2 + i] - 1) + 1, geometry.padding[i]),
  );
  return inside ? { geometry, kernel } : null;
}

/** One of the three forms of a convolution of an image in the pool. */
const convolutionForm =
  (make: (pool: Pool, x: Tensor, kernel: Shape, y: Shape, geometry: ConvGeometry) => Tensor): Maker =>
  (pool) => {
    const x = image(pool);
    const found = convolution(pool.dice, x.shape);
    if (!found) return null;
    const { geometry, kernel } = found;
    const y = infer.conv2d([x, { shape: kernel, dtype: x.dtype }], geometry, 'conv2d').shape;
    return make(pool, x, kernel, y, geometry);
  };

const spatial = ([, , height, width]: Shape): readonly [number, number] => [height, width];

export const convolutions = {
  conv2d: convolutionForm((pool, x, kernel, _, geometry) => apply('conv2d', [x, pool.like(kernel, x.dtype)], geometry)),
  conv2dInputGrad: convolutionForm((pool, x, kernel, y, geometry) =>
    apply('conv2dInputGrad', [pool.like(y, x.dtype), pool.like(kernel, x.dtype)], {
      ...geometry,
      inputSize: spatial(x.shape),
    }),
  ),
  conv2dKernelGrad: convolutionForm((pool, x, kernel, y, geometry) =>
    apply('conv2dKernelGrad', [x, pool.like(y, x.dtype)], { ...geometry, kernelSize: spatial(kernel) }),
  ),
};

const poolForm =
  (make: (pool: Pool, x: Tensor, geometry: PoolGeometry) => Tensor): Maker =>
  (pool) => {
    const x = image(pool);
    const { dice } = pool;
    const window = pair(() => dice.int(1, 3));
    const side = (i: 0 | 1): [number, number] => pair(() => dice.int(0, Math.min(1, window[i] - 1)));
    const geometry: PoolGeometry = { window, stride: pair(() => dice.int(1, 3)), padding: [side(0), side(1)] };
    const inside = [0, 1].every((i) => fits(x.shape[2 + i], window[i], geometry.padding[i]));
    return inside && sizeOf(x.shape) > 0 ? make(pool, x, geometry) : null;
  };

export const pools = {
  maxPool: poolForm((_, x, geometry) => apply('maxPool', [x], geometry)),
  maxPoolGather: poolForm((pool, x, geometry) => apply('maxPoolGather', [x, pool.like(x.shape, x.dtype)], geometry)),
  maxPoolScatter: poolForm((pool, x, geometry) => {
    const { shape } = infer.maxPool([x], geometry, 'maxPool');
    return apply('maxPoolScatter', [x, pool.like(shape, x.dtype)], geometry);
  }),
};
