import type { OpAttrs } from '../../tensor/attrs.ts';
import type { Shape } from '../../tensor/shape.ts';
import type { Emitter, Value } from './emitter.ts';
import type { Lowering } from './lowering.ts';
import { timesTransposed } from './products.ts';
import { sumMatrixRows } from './reductions.ts';
import { swappedConv, wideChannels } from './swapped.ts';

/** For each offset (i, j) in the kernel the pixels of x that it meets, one strided slice of [N, C, height, width] each. */
function meets(emit: Emitter, x: Value, attrs: OpAttrs['conv2dKernelGrad'], out: readonly number[]): Value[] {
  const { stride, padding, dilation, kernelSize } = attrs;
  const image = emit.pad(x, [0, 0, padding[0][0], padding[1][0]], [0, 0, padding[0][1], padding[1][1]]);
  const slices: Value[] = [];
  for (let i = 0; i < kernelSize[0]; i++) {
    for (let j = 0; j < kernelSize[1]; j++) {
      const starts = [i * dilation[0], j * dilation[1]];
      const limits = starts.map((start, side) => start + (out[side] - 1) * stride[side] + 1);
      slices.push(emit.slice(image, [2, 3], starts, limits, stride, [x.shape[0], x.shape[1], ...out]));
    }
  }
  return slices;
}

/** a [N, G, o, p] and b [N, G, c, p] -> the sum over images and pixels, [G * o, c]. */
function sumOfProducts(emit: Emitter, a: Value, b: Value): Value {
  const products = timesTransposed(emit, a, b);
  const [n, groups, o, c] = products.shape;
  return emit.reshape(sumMatrixRows(emit, emit.reshape(products, [n, groups * o * c])), [groups * o, c]);
}

/**
 * dK[o, c, i, j] = sum over images and pixels of dy[o] x[c at offset (i, j)]: products of dy with slices of x, one for each image and
 * group, summed over images. Few channels are copied side by side (im2col) to make one product of all offsets; many take a
 * product an offset and no copy. Channels stay outermost, so that groups are a reshape and nothing is transposed.
 * Where a convolution over swapped axes is faster, it is that instead.
 */
export const conv2dKernelGrad: Lowering<'conv2dKernelGrad'> = (emit, [x, dy], attrs, { shape }) => {
  const swapped = swappedConv(emit, x, dy, attrs);
  if (swapped) return swapped;
  const { groups } = attrs;
  const [n, out, h, w] = dy.shape;
  const channels = x.shape[1] / groups;
  const pixels = h * w;
  const slices = meets(emit, x, attrs, [h, w]);
  const a = emit.reshape(dy, [n, groups, out / groups, pixels]);
  const grouped = (value: Value, rows: number): Value => emit.reshape(value, [n, groups, rows, pixels]);

  if (channels < wideChannels) {
    const apart: Shape = [n, x.shape[1], 1, pixels];
    const columns = emit.concat(
      slices.map((slice) => emit.reshape(slice, apart)),
      2,
    );
    return emit.reshape(sumOfProducts(emit, a, grouped(columns, channels * slices.length)), shape);
  }
  const perOffset = slices.map((slice) => {
    const sum = sumOfProducts(emit, a, grouped(slice, channels));
    return emit.reshape(sum, [out, channels, 1]);
  });
  return emit.reshape(emit.concat(perOffset, 2), shape);
};
