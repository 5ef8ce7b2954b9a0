import type { ConvGeometry } from '../../tensor/attrs.ts';
import type { Shape } from '../../tensor/shape.ts';
import type { OnnxAttribute } from './proto.ts';

export const ints = (values: readonly number[]): OnnxAttribute => ({ ints: values });

/** ONNX lists padding as all begins, then all ends. */
export const padsOf = ([[top, bottom], [left, right]]: ConvGeometry['padding']): readonly number[] => [
  top,
  left,
  bottom,
  right,
];

/** Attributes of Conv and its kin. */
export const convAttributes = ({ stride, padding, dilation, groups }: ConvGeometry, kernel: Shape) => ({
  strides: ints(stride),
  pads: ints(padsOf(padding)),
  dilations: ints(dilation),
  group: { int: groups },
  kernel_shape: ints(kernel.slice(2)),
});
