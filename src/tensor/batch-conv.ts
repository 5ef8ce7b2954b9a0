import type { ConvGeometry, OpAttrs } from './attrs.ts';
import { allBatched, lanesTo, merge, type Operands, spread } from './batch-lanes.ts';
import { apply, type Tensor } from './tensor.ts';

type PoolName = 'maxPool' | 'maxPoolGather' | 'maxPoolScatter';

/** What the rules here need of a BatchContext. */
interface Lanes<A> extends Operands {
  readonly attrs: A;
}

/** Lanes as more images: [lanes, N, ...] -> [lanes * N, ...]. */
const asImages = (x: Tensor): Tensor => merge(x, 0);
/** Lanes as more channels: [lanes, N, C, H, W] -> [N, lanes * C, H, W]. */
const asChannels = (x: Tensor): Tensor => merge(lanesTo(x, 0, 1), 1);
const fromChannels = (x: Tensor, lanes: number): Tensor => lanesTo(spread(x, 1, lanes), 1, 0);

/** Each lane is a group of its own (groups of a lane stay groups): channels are lane-major, as groups are. */
const laneGroups = <A extends ConvGeometry>(attrs: A, lanes: number): A => ({ ...attrs, groups: attrs.groups * lanes });

export function batchConv2d(context: Lanes<OpAttrs['conv2d']>): Tensor {
  const { attrs, inputs, batched, size } = context;
  const [x, kernel] = inputs;
  if (!batched[1]) return spread(apply('conv2d', [asImages(x), kernel], attrs), 0, size);
  // One image for all lanes: their kernels are more output channels.
  if (!batched[0] && attrs.groups === 1) return fromChannels(apply('conv2d', [x, merge(kernel, 0)], attrs), size);
  const [xs, kernels] = allBatched(context);
  return fromChannels(apply('conv2d', [asChannels(xs), merge(kernels, 0)], laneGroups(attrs, size)), size);
}

export function batchConv2dInputGrad(context: Lanes<OpAttrs['conv2dInputGrad']>): Tensor {
  const { attrs, inputs, batched, size } = context;
  const [dy, kernel] = inputs;
  if (!batched[1]) return spread(apply('conv2dInputGrad', [asImages(dy), kernel], attrs), 0, size);
  const [dys, kernels] = allBatched(context);
  return fromChannels(apply('conv2dInputGrad', [asChannels(dys), merge(kernels, 0)], laneGroups(attrs, size)), size);
}

export function batchConv2dKernelGrad(context: Lanes<OpAttrs['conv2dKernelGrad']>): Tensor {
  const { attrs, inputs, batched, size } = context;
  const [x, dy] = inputs;
  // Cotangents of more output channels give more output channels of the kernel.
  if (!batched[0] && attrs.groups === 1) {
    return spread(apply('conv2dKernelGrad', [x, asChannels(dy)], attrs), 0, size);
  }
  const [xs, dys] = batched.every(Boolean) ? [x, dy] : allBatched(context);
  return spread(apply('conv2dKernelGrad', [asChannels(xs), asChannels(dys)], laneGroups(attrs, size)), 0, size);
}

export function batchPool<K extends PoolName>(context: Lanes<OpAttrs[K]> & { readonly op: K }): Tensor {
  return spread(apply(context.op, allBatched(context).map(asImages), context.attrs), 0, context.size);
}
