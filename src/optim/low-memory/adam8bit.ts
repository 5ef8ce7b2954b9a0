import type { Leaf } from '../../tensor/bundle.ts';
import { zeros } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { choice, count, flag, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { debias, ema, perTensorKeeping, rootPlus, shrink } from '../rules.ts';
import {
  dequantize,
  dynamicMap,
  linearMap,
  type Quantized,
  quantize,
  quantizedZeros,
  withoutZero,
} from './quantize.ts';

/** The moments of one tensor: in 8 bits, or whole. */
type Moments = { readonly m: Quantized; readonly v: Quantized } | { readonly m: Tensor; readonly v: Tensor };

/** The code books of m, which has signs, and of v, which has none. */
function booksOf(map: 'dynamic' | 'linear', unsignedZero: boolean) {
  const make = map === 'dynamic' ? dynamicMap : linearMap;
  return { m: make(true), v: unsignedZero ? make(false) : withoutZero(make(false)) };
}

const inEightBits = ({ role, size }: Leaf, minSize: number): boolean => role !== 'embedding' && size >= minSize;

/**
 * Adam whose moments are kept in 8 bits: block-wise dynamic quantisation. Dettmers et al. 2022, arXiv:2110.02861, section 2; bitsandbytes.
 *
 *   m, v <- decoded codes;  one step of Adam on w with the fresh m, v;  then for each block of elements a = max |x|, codes of x / a
 *
 * A code is the index of the nearest of 256 numbers ("dynamic": seven decades of them). State: two bytes for each parameter and two floats for
 * each block. Tensors of fewer than `minSize` elements and embeddings keep float moments (the authors also normalise what a lookup gives,
 * which is the model's business). w <- (1 - lr weightDecay) w comes after the step, as in bitsandbytes, which also moves the code of m by one
 * where its sign would flip and sets state to 0 at gradients that are not finite: not followed, the second so that divergence is seen.
 *
 * Beware: the map of v holds 0, and what is below 1.6e-7 of the largest v of its block becomes 0 while m stays. If the gradient of such an
 * element is then exactly 0 (a dead unit), its step is m / eps, and the run explodes. `unsignedZero: false` takes 0 out of that map.
 */
export const adam8bit = defineOptimizer({
  id: 'adam8bit',
  summary: 'Adam whose moments take one byte each: block-wise dynamic quantisation',
  source: 'Dettmers et al. 2022, arXiv:2110.02861, section 2',
  hyper: {
    lr: positive(1e-3, { tune: log(1e-4, 3e-2), doc: 'step size' }),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    eps: nonNegative(1e-8, { doc: 'added to the root of the second moment' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decoupled decay, times lr' })),
    blockSize: count(2048, 'elements that share a scale; bitsandbytes now has 256'),
    minSize: count(4096, 'tensors with fewer elements keep float moments'),
    map: choice('dynamic', ['dynamic', 'linear'], 'the numbers that codes stand for'),
    unsignedZero: flag(true, 'the map of the second moment holds 0, as published; false is safer'),
  },
  init: (w, { blockSize, minSize }): Moments[] =>
    w.layout.leaves.map((leaf) => {
      const make = inEightBits(leaf, minSize)
        ? () => quantizedZeros(leaf.size, blockSize, w.flat)
        : () => zeros([leaf.size], w.flat.dtype);
      return { m: make(), v: make() } as Moments;
    }),
  step({ w, state, oracle, t, hyper }) {
    const { lr, beta1, beta2, eps, weightDecay, blockSize, map, unsignedZero } = hyper;
    const books = booksOf(map, unsignedZero);
    const [direction, next] = perTensorKeeping(
      state,
      ([gradient], _, old): [Tensor, Moments] => {
        const g = gradient.reshape([-1]);
        const eight = 'codes' in old.m;
        const before = (name: 'm' | 'v') =>
          eight ? dequantize(old[name] as Quantized, books[name], blockSize) : (old[name] as Tensor);
        const m = ema(before('m'), g, beta1);
        const v = ema(before('v'), g.square(), beta2);
        return [
          debias(m, beta1, t).div(rootPlus(debias(v, beta2, t), eps)),
          eight ? { m: quantize(m, books.m, blockSize), v: quantize(v, books.v, blockSize) } : { m, v },
        ];
      },
      oracle.grad(w),
    );
    return { w: shrink(w.sub(direction.mul(lr)), weightDecay?.mul(lr)), state: next };
  },
});
