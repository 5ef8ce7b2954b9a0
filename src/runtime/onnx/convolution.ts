import type { ConvGeometry } from '../../tensor/attrs.ts';
import type { Shape } from '../../tensor/shape.ts';
import { conv2dKernelGrad } from './kernel-grad.ts';
import type { Lowering, Lowerings } from './lowering.ts';
import type { OnnxAttribute } from './proto.ts';

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

export const convolution: Lowerings<'conv2d' | 'conv2dInputGrad' | 'conv2dKernelGrad'> = {
  conv2d: (emit, [x, kernel], geometry, { shape }) =>
    emit.op('Conv', [x, kernel], { shape, attributes: convAttributes(geometry, kernel.shape) }),
  conv2dInputGrad,
  conv2dKernelGrad,
};
