import type { ConvGeometry } from '../../tensor/attrs.ts';
import { copied, matmul, padded, reshape, rowMajor } from './construct.ts';
import { define, type View } from './ir.ts';
import { mostSums } from './kernel-grad.ts';
import { flipped, reshaped, transposed } from './view.ts';

/**
 * Every window of an image as a view [n, group, channel in group, kh, kw, oh, ow]: im2col without a copy. Each form of convolution is a
 * matrix product over it (Chellapilla, Puri & Simard 2006, "High Performance Convolutional Neural Networks for Document Processing").
 */
function patches(x: View, window: readonly number[], out: readonly number[], g: ConvGeometry): View {
  const [[top, bottom], [left, right]] = g.padding;
  const image = padded(x, [0, 0, top, left], [0, 0, bottom, right], [0, 0, 0, 0], 0);
  const [n, c] = image.shape;
  const [sn, sc, sh, sw] = image.strides;
  const perGroup = c / g.groups;
  return {
    ...image,
    shape: [n, g.groups, perGroup, ...window, ...out],
    strides: [sn, perGroup * sc, sc, g.dilation[0] * sh, g.dilation[1] * sw, g.stride[0] * sh, g.stride[1] * sw],
  };
}

const merged = (view: View, shape: readonly number[]): View => reshaped(view, shape) ?? reshape(copied(view), shape);

/** x [N, C, H, W], kernel [out, C / groups, kh, kw] -> [N, out, oh, ow]. */
export function conv2d(x: View, kernel: View, shape: readonly number[], geometry: ConvGeometry): View {
  const [n, out, oh, ow] = shape;
  const [, perGroup, kh, kw] = kernel.shape;
  const { groups } = geometry;
  const inner = perGroup * kh * kw;
  const columns = merged(patches(x, [kh, kw], [oh, ow], geometry), [n, groups, inner, oh * ow]);
  const rows = reshape(kernel, [groups, out / groups, inner]);
  return reshape(matmul(rows, columns), [n, out, oh, ow]);
}

/** The gradient of a kernel whose windows are read where they lie. */
function fromPixels(x: View, dy: View, shape: readonly number[], { padding, dilation }: ConvGeometry): View {
  const [[top, bottom], [left, right]] = padding;
  const image = rowMajor(padded(x, [0, 0, top, left], [0, 0, bottom, right], [0, 0, 0, 0], 0));
  return define({ kind: 'kernelGrad', x: image, dy: rowMajor(dy), dilation, shape, dtype: 'float32' });
}

/** dL/dkernel: contracts windows with dy over images and places. */
export function conv2dKernelGrad(x: View, dy: View, shape: readonly number[], geometry: ConvGeometry): View {
  const [out, perGroup, kh, kw] = shape;
  const [n, , oh, ow] = dy.shape;
  const { groups } = geometry;
  const plain = groups === 1 && geometry.stride.every((step) => step === 1) && x.value.dtype === 'float32';
  if (plain && ow >= 4 && kw <= mostSums) return fromPixels(x, dy, shape, geometry);
  const windows = transposed(patches(x, [kh, kw], [oh, ow], geometry), [1, 0, 5, 6, 2, 3, 4]);
  const right = merged(windows, [groups, n * oh * ow, perGroup * kh * kw]);
  const byGroup = transposed(reshape(dy, [n, groups, out / groups, oh * ow]), [1, 2, 0, 3]);
  const left = merged(byGroup, [groups, out / groups, n * oh * ow]);
  return reshape(matmul(left, right), shape);
}

/** dL/dx: a convolution of the stretched dy with the turned kernel, channels swapped. */
export function conv2dInputGrad(dy: View, kernel: View, shape: readonly number[], geometry: ConvGeometry): View {
  const [out, perGroup, kh, kw] = kernel.shape;
  const { stride, padding, dilation, groups } = geometry;
  const side = (i: 0 | 1): { low: number; high: number } => {
    const reach = dilation[i] * (kernel.shape[2 + i] - 1);
    const low = reach - padding[i][0];
    const stretched = (dy.shape[2 + i] - 1) * stride[i] + 1;
    return { low, high: shape[2 + i] + reach - low - stretched };
  };
  const [rows, columns] = [side(0), side(1)];
  const stretched = padded(
    dy,
    [0, 0, rows.low, columns.low],
    [0, 0, rows.high, columns.high],
    [0, 0, stride[0] - 1, stride[1] - 1],
    0,
  );
  const byGroup = reshape(flipped(kernel, [2, 3]), [groups, out / groups, perGroup, kh, kw]);
  const turned = reshape(transposed(byGroup, [0, 2, 1, 3, 4]), [groups * perGroup, out / groups, kh, kw]);
  return conv2d(stretched, turned, shape, {
    stride: [1, 1],
    padding: [
      [0, 0],
      [0, 0],
    ],
    dilation,
    groups,
  });
}
