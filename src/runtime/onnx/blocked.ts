import type { ConvGeometry } from '../../tensor/attrs.ts';
import { type Shape, sizeOf } from '../../tensor/shape.ts';
import type { Emitter, Value } from './emitter.ts';
import { convAttributes } from './geometry.ts';

/**
 * Convolutions in ONNX Runtime's blocked layout, where the channels of a block lie side by side: [N, C / block, H, W, block]. They
 * need no im2col and take half the time or less of Conv, with the reordering of images and kernel counted. ONNX Runtime's own optimizer
 * writes these ops for constant kernels only; a kernel that is trained is reordered in the graph.
 */
const domain = 'com.microsoft.nchwc';

/** The images in blocks, once for all convolutions that read them. */
const blocked = (emit: Emitter, x: Value): Value =>
  emit.once(`blocked ${x.name}`, () => emit.node('ReorderInput', [x], { ...x, domain }));

/** [out, in, kh, kw] -> [out / block, in / inner, kh, kw, inner, block]. */
function blockedKernel(emit: Emitter, kernel: Value, block: number, inner: number): Value {
  const [out, channels, height, width] = kernel.shape;
  const apart = emit.reshape(kernel, [out / block, block, channels / inner, inner, height, width]);
  return emit.reshape(emit.transpose(apart, [0, 2, 4, 5, 3, 1]), kernel.shape);
}

/**
 * dy [N, out, h, w] as the kernel [out, N, h, w] of a convolution over swapped axes, from the blocks that the gradient of the image
 * reads too: [N / block, block, out / block, h w, block] -> [out / block, N / block, h w, block, block].
 */
function blockedKernelOf(emit: Emitter, dy: Value, block: number): Value {
  const [n, out, height, width] = dy.shape;
  const apart = emit.reshape(blocked(emit, dy), [n / block, block, out / block, height * width, block]);
  return emit.reshape(emit.transpose(apart, [2, 0, 3, 1, 4]), [out, n, height, width]);
}

/** Conv of images and a kernel that are in blocks already, or images of fewer channels than a block. */
function convOfBlocks(
  emit: Emitter,
  [x, kernel, ...bias]: readonly Value[],
  geometry: ConvGeometry,
  shape: Shape,
): Value {
  const attributes = convAttributes(geometry, kernel.shape);
  const y = emit.node('Conv', [x, kernel, ...bias], { shape, type: x.type, attributes, domain });
  return emit.node('ReorderOutput', [y], { ...y, attributes: { channels: { int: shape[1] } }, domain });
}

/** Do channels, or images in their place, fill blocks without a rest? */
export const fillBlocks = ({ block }: Emitter, x: Value, counts: readonly number[]): boolean =>
  block !== null && x.type === 'float32' && counts.every((count) => count % block === 0);

/** Is conv2d to be computed in blocks? Images of fewer channels than a block are read as they are; Conv needs no im2col for 1 by 1. */
export function suitsBlocks(emit: Emitter, x: Value, [out, channels, ...window]: Shape, groups: number): boolean {
  const plain = channels < (emit.block ?? 0);
  return groups === 1 && sizeOf(window) > 1 && fillBlocks(emit, x, plain ? [out] : [out, channels]);
}

/** conv2d of what `suitsBlocks`, and its bias if it has one. */
export function blockedConv(
  emit: Emitter,
  x: Value,
  kernel: Value,
  geometry: ConvGeometry,
  shape: Shape,
  bias: readonly Value[] = [],
): Value {
  const [, channels] = kernel.shape;
  const block = emit.block as number;
  const plain = channels < block;
  const reordered = blockedKernel(emit, kernel, block, plain ? 1 : block);
  return convOfBlocks(emit, [plain ? x : blocked(emit, x), reordered, ...bias], geometry, shape);
}

/** conv2d of x [C, N, ...] with dy [N, out, h, w] as its kernel, where N and out fill blocks. */
export const blockedSwappedConv = (emit: Emitter, x: Value, dy: Value, geometry: ConvGeometry, shape: Shape): Value =>
  convOfBlocks(emit, [blocked(emit, x), blockedKernelOf(emit, dy, emit.block as number)], geometry, shape);
