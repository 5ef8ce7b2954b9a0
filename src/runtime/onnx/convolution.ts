import type { ConvGeometry } from '../../tensor/attrs.ts';
import { type Shape, sizeOf } from '../../tensor/shape.ts';
import type { Emitter, Value } from './emitter.ts';
import type { Lowering, Lowerings } from './lowering.ts';
import type { OnnxAttribute } from './proto.ts';
import { timesTransposed } from './products.ts';
import { sumMatrixRows } from './reductions.ts';

const ints = (values: readonly number[]): OnnxAttribute => ({ ints: values });

/** ONNX lists padding as all begins, then all ends. */
export const padsOf = ([[top, bottom], [left, right]]: ConvGeometry['padding']): readonly number[] => [
  top,
  left,
  bottom,
  right,
];

const convAttributes = ({ stride, padding, dilation, groups }: ConvGeometry, kernel: Shape) => ({
  strides: ints(stride),
  pads: ints(padsOf(padding)),
  dilations: ints(dilation),
  group: { int: groups },
  kernel_shape: ints(kernel.slice(2)),
});

/** ConvTranspose is the adjoint of Conv; rows that the stride left over at the end come back as output padding. */
const conv2dInputGrad: Lowering<'conv2dInputGrad'> = (emit, [dy, kernel], { inputSize, ...geometry }, { shape }) => {
  const { stride, padding, dilation } = geometry;
  const leftOver = inputSize.map((size, i) => {
    const extent = dilation[i] * (kernel.shape[2 + i] - 1) + 1;
    return size - (stride[i] * (dy.shape[2 + i] - 1) + extent - padding[i][0] - padding[i][1]);
  });
  const attributes = { ...convAttributes(geometry, kernel.shape), output_padding: ints(leftOver) };
  return emit.op('ConvTranspose', [dy, kernel], { shape, attributes });
};

/**
 * For each offset in the kernel the pixels of x that it meets, [N, C, kh * kw, h * w]: one strided slice an offset. Channels stay
 * outermost, so groups are a reshape and the product below needs no transpose.
 */
function meets(emit: Emitter, x: Value, geometry: ConvGeometry, kernel: readonly number[], out: readonly number[]): Value { // biome-ignore format: one line
  const { stride, padding, dilation } = geometry;
  const [n, c] = x.shape;
  const padded = emit.pad(x, [0, 0, padding[0][0], padding[1][0]], [0, 0, padding[0][1], padding[1][1]]);
  const image = emit.reshape(padded, [n, c, 1, ...padded.shape.slice(2)]);
  const offsets: Value[] = [];
  for (let i = 0; i < kernel[0]; i++) {
    for (let j = 0; j < kernel[1]; j++) {
      const starts = [i * dilation[0], j * dilation[1]];
      const limits = starts.map((start, side) => start + (out[side] - 1) * stride[side] + 1);
      offsets.push(emit.slice(image, [3, 4], starts, limits, stride, [n, c, 1, ...out]));
    }
  }
  return emit.reshape(emit.concat(offsets, 2), [n, c, sizeOf(kernel), sizeOf(out)]);
}

/**
 * dK[o, c, i, j] = sum over images and pixels of dy[o] x[c at offset (i, j)]: a product for each image and group, summed over images.
 * (A Conv over swapped axes says the same in one node but takes two to three times as long.)
 */
const conv2dKernelGrad: Lowering<'conv2dKernelGrad'> = (emit, [x, dy], { kernelSize, ...geometry }, { shape }) => {
  const { groups } = geometry;
  const [n, c] = x.shape;
  const [, out, h, w] = dy.shape;
  const columns = meets(emit, x, geometry, kernelSize, [h, w]);
  const a = emit.reshape(dy, [n, groups, out / groups, h * w]);
  const b = emit.reshape(columns, [n, groups, (c / groups) * sizeOf(kernelSize), h * w]);
  const perImage = timesTransposed(emit, a, b);
  return emit.reshape(sumMatrixRows(emit, emit.reshape(perImage, [n, sizeOf(shape)])), shape);
};

export const convolution: Lowerings<'conv2d' | 'conv2dInputGrad' | 'conv2dKernelGrad'> = {
  conv2d: (emit, [x, kernel], geometry, { shape }) =>
    emit.op('Conv', [x, kernel], { shape, attributes: convAttributes(geometry, kernel.shape) }),
  conv2dInputGrad,
  conv2dKernelGrad,
};
