import type { ConvGeometry } from '../../tensor/attrs.ts';
import type { Shape } from '../../tensor/shape.ts';
import { blockedConv, suitsBlocks } from './blocked.ts';
import type { Emitter, Value } from './emitter.ts';
import { convAttributes, ints } from './geometry.ts';
import { conv2dKernelGrad } from './kernel-grad.ts';
import type { Lowering, Lowerings } from './lowering.ts';

/** With stride 1 the gradient of the image is a convolution of dy with the kernel turned around and its channels swapped. */
function turned({ stride, padding, dilation, groups }: ConvGeometry, window: Shape): ConvGeometry | null {
  const [rows, columns] = padding.map(([low, high], side): [number, number] => {
    const reach = dilation[side] * (window[side] - 1);
    return [reach - low, reach - high];
  });
  const fits = stride.every((step) => step === 1) && [...rows, ...columns].every((n) => n >= 0);
  return fits ? { stride, padding: [rows, columns], dilation, groups } : null;
}

/** [out, in, kh, kw] -> [in, out, kh, kw], the last row and column first. */
function turnAround(emit: Emitter, kernel: Value): Value {
  const swapped = emit.transpose(kernel, [1, 0, 2, 3]);
  const last = kernel.shape.slice(2).map((n) => n - 1);
  const beforeFirst = kernel.shape.slice(2).map((n) => -n - 1);
  return emit.slice(swapped, [2, 3], last, beforeFirst, [-1, -1], swapped.shape);
}

/** ConvTranspose is the adjoint of Conv; rows that the stride left over at the end come back as output padding. */
const conv2dInputGrad: Lowering<'conv2dInputGrad'> = (emit, [dy, kernel], { inputSize, ...geometry }, { shape }) => {
  const { stride, padding, dilation } = geometry;
  const [out, channels, ...window] = kernel.shape;
  const forward = turned(geometry, window);
  if (forward && suitsBlocks(emit, dy, [channels, out, ...window], geometry.groups)) {
    return blockedConv(emit, dy, turnAround(emit, kernel), forward, shape);
  }
  const leftOver = inputSize.map((size, i) => {
    const extent = dilation[i] * (kernel.shape[2 + i] - 1) + 1;
    return size - (stride[i] * (dy.shape[2 + i] - 1) + extent - padding[i][0] - padding[i][1]);
  });
  const attributes = { ...convAttributes(geometry, kernel.shape), output_padding: ints(leftOver) };
  return emit.op('ConvTranspose', [dy, kernel], { shape, attributes });
};

/** conv2d, and a bias of one number for each channel if there is one. */
export function convolve(
  emit: Emitter,
  [x, kernel, ...biases]: readonly Value[],
  geometry: ConvGeometry,
  shape: Shape,
): Value {
  const bias = biases.map((value) => emit.reshape(value, [shape[1]]));
  return suitsBlocks(emit, x, kernel.shape, geometry.groups)
    ? blockedConv(emit, x, kernel, geometry, shape, bias)
    : emit.op('Conv', [x, kernel, ...bias], { shape, attributes: convAttributes(geometry, kernel.shape) });
}

export const convolution: Lowerings<'conv2d' | 'conv2dInputGrad' | 'conv2dKernelGrad'> = {
  conv2d: (emit, inputs, geometry, { shape }) => convolve(emit, inputs, geometry, shape),
  conv2dInputGrad,
  conv2dKernelGrad,
};
