import type { ConvGeometry, OpAttrs } from '../../tensor/attrs.ts';
import { type Shape, sizeOf } from '../../tensor/shape.ts';
import { blockedSwappedConv, fillBlocks } from './blocked.ts';
import type { Emitter, Value } from './emitter.ts';
import { convAttributes } from './geometry.ts';

type Attrs = OpAttrs['conv2dKernelGrad'];

/** Taps in a row from which the blocked convolution is the faster way: each keeps a sum of its own going. */
const worthwhileRow = 3;

/** Channels below which Conv is, and taps from which: its product has a row for each tap, ours one for each tap and channel. */
export const wideChannels = 8;
const worthwhileTaps = 16;

type Way = 'blocked' | 'plain';

/** How the gradient is best written as a convolution, if it is. */
function wayOf(emit: Emitter, x: Value, dy: Value, { groups, kernelSize }: Attrs): Way | null {
  if (groups > 1 || x.type !== 'float32') return null;
  if (kernelSize[1] >= worthwhileRow && fillBlocks(emit, dy, dy.shape.slice(0, 2))) return 'blocked';
  return sizeOf(kernelSize) >= worthwhileTaps && x.shape[1] < wideChannels ? 'plain' : null;
}

/** [C, N, height, width], padded or cropped to the pixels that the kernel meets. */
function images(emit: Emitter, x: Value, out: Shape, { stride, dilation, padding, kernelSize }: Attrs): Value {
  const low = padding.map(([before]) => before);
  const high = out.map((n, side) => {
    const extent = stride[side] * (n - 1) + dilation[side] * (kernelSize[side] - 1) + 1;
    return extent - low[side] - x.shape[2 + side];
  });
  return emit.pad(emit.transpose(x, [1, 0, 2, 3]), [0, 0, ...low], [0, 0, ...high]);
}

/**
 * The gradient of a kernel as a convolution over swapped axes: channels of x are images, images are channels, dy is the kernel, and
 * stride and dilation change places. Nothing is copied for each tap, as it is for products. Null where products are faster.
 */
export function swappedConv(emit: Emitter, x: Value, dy: Value, attrs: Attrs): Value | null {
  const way = wayOf(emit, x, dy, attrs);
  if (!way) return null;
  const [, out, ...window] = dy.shape;
  const shape: Shape = [x.shape[1], out, ...attrs.kernelSize];
  const padding = [[0, 0], [0, 0]] as const; // biome-ignore format: one line
  const geometry: ConvGeometry = { stride: attrs.dilation, dilation: attrs.stride, padding, groups: 1 };
  const from = images(emit, x, window, attrs);
  const attributes = convAttributes(geometry, dy.shape);
  const y =
    way === 'blocked'
      ? blockedSwappedConv(emit, from, dy, geometry, shape)
      : emit.op('Conv', [from, emit.transpose(dy, [1, 0, 2, 3])], { shape, attributes });
  return emit.transpose(y, [1, 0, 2, 3]);
}
