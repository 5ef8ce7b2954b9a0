import type { OpAttrs, OpName } from './attrs.ts';
import { batchConv2d, batchConv2dInputGrad, batchConv2dKernelGrad, batchPool } from './batch-conv.ts';
import { addLane, alignRank, allBatched, lanesTo, merge, type Operands, spread } from './batch-lanes.ts';
import { arange, concat, full, scatterAdd } from './functions.ts';
import { type ElementwiseName, forElementwise } from './partials.ts';
import { apply, type Tensor } from './tensor.ts';

/** A node whose inputs, some of them, hold `size` lanes along a new axis 0. At least one does. */
export interface BatchContext<K extends OpName> extends Operands {
  readonly op: K;
  /** The node for one lane. */
  readonly y: Tensor;
  readonly attrs: OpAttrs[K];
}

type RecurrenceName = 'lstm' | 'lstmTrace' | 'lstmBackward';

/** All lanes of the node's result along axis 0. */
type Rule<K extends OpName> = (context: BatchContext<K>) => Tensor;

const leaf = ({ op }: { readonly op: OpName }): never => {
  throw new Error(`${op} has no inputs that could be batched`);
};

/** Ops on the last axes, which do not look at the ones before. */
const same = <K extends OpName>({ op, inputs, attrs }: BatchContext<K>): Tensor => apply(op, inputs, attrs);

/** The leading axes of all inputs must agree. */
const sameForAll = <K extends OpName>(context: BatchContext<K>): Tensor =>
  apply(context.op, allBatched(context), context.attrs);

/** Broadcasting aligns the last axes, so a lane of low rank gets axes of size 1 after axis 0. */
const elementwise = ({ op, y, inputs, batched, attrs }: BatchContext<ElementwiseName>): Tensor =>
  apply(
    op,
    inputs.map((x, i) => (batched[i] ? alignRank(x, y.rank) : x)),
    attrs,
  );

const reduction = ({ op, inputs, attrs: { axes, keepDims } }: BatchContext<'sum' | 'max' | 'min'>): Tensor =>
  apply(op, inputs, { axes: axes.map((axis) => axis + 1), keepDims });

/** Indices of each lane's own part of a merged axis: lane b's index i becomes b * size + i. */
const offsetIndices = (indices: Tensor, lanes: number, size: number): Tensor =>
  indices.add(
    arange(lanes)
      .mul(size)
      .reshape([lanes, ...Array(indices.rank - 1).fill(1)]),
  );

const gather = ({ inputs: [x, indices], batched, attrs: { axis }, size }: BatchContext<'gather'>): Tensor => {
  if (!batched[1]) return x.gather(indices, axis + 1);
  if (!batched[0]) return lanesTo(x.gather(indices, axis), axis, 0);
  // One table of all lanes: [..., size * n, ...].
  const n = x.shape[axis + 1];
  return lanesTo(merge(lanesTo(x, 0, axis), axis).gather(offsetIndices(indices, size, n), axis), axis, 0);
};

function scatter({ inputs: [indices, updates], batched, attrs, size: lanes }: BatchContext<'scatterAdd'>): Tensor {
  const { axis, size } = attrs;
  if (!batched[0]) return scatterAdd(indices, updates, { axis: axis + 1, size });
  const all = batched[1] ? updates : addLane(updates, lanes);
  const merged = scatterAdd(offsetIndices(indices, lanes, size), lanesTo(all, 0, axis), { axis, size: lanes * size });
  return lanesTo(spread(merged, axis, lanes), axis, 0);
}

const matmul = ({ y, inputs, batched, attrs }: BatchContext<'matmul'>): Tensor =>
  apply(
    'matmul',
    inputs.map((x, i) => (batched[i] ? alignRank(x, y.rank) : x)),
    attrs,
  );

/** Gain and bias of each lane cannot go into one native layer norm; the rest can. */
function layerNorm({ y, inputs: [x, gain, bias], batched, attrs, size }: BatchContext<'layerNorm'>): Tensor {
  if (!batched[1] && !batched[2]) return apply('layerNorm', [x, gain, bias], attrs);
  const n = y.shape.slice(-1);
  const unit = apply('layerNorm', [x, full(n, 1, y.dtype), full(n, 0, y.dtype)], attrs);
  const scaled = unit.mul(batched[1] ? alignRank(gain, y.rank) : gain);
  return scaled.add(batched[2] ? alignRank(bias, y.rank) : bias).broadcastTo([size, ...y.shape]);
}

/** Only the weights, second among the inputs, may do without lanes; one that has them may have a lower rank than the first input. */
function recurrence({ op, inputs, batched, size, attrs }: BatchContext<RecurrenceName>): Tensor {
  const leading = inputs[0].rank - (batched[0] ? 1 : 0) - (op === 'lstmBackward' ? 4 : 3);
  return apply(
    op,
    inputs.map((x, i) => {
      if (i === 1) return batched[i] ? alignRank(x, leading + 2) : x;
      return batched[i] ? x : addLane(x, size);
    }),
    attrs,
  );
}

/** How each op runs on many lanes at once. */
export const batchRules: { readonly [K in OpName]: Rule<K> } = {
  parameter: leaf,
  constant: leaf,
  iota: leaf,
  random: leaf,

  ...forElementwise(elementwise),
  cast: same,

  sum: reduction,
  max: reduction,
  min: reduction,
  argmax: ({ inputs: [x], attrs }) => x.argmax(attrs.axis + 1),

  reshape: ({ inputs: [x], attrs, size }) => x.reshape([size, ...attrs.shape]),
  transpose: ({ inputs: [x], attrs }) => x.transpose([0, ...attrs.permutation.map((axis) => axis + 1)]),
  broadcastTo: ({ inputs: [x], attrs: { shape }, size }) => alignRank(x, shape.length).broadcastTo([size, ...shape]),
  slice: ({ inputs: [x], attrs: { starts, limits, strides }, size }) =>
    x.slice([0, ...starts], [size, ...limits], [1, ...strides]),
  pad: ({ inputs: [x], attrs: { low, high, interior, value } }) =>
    x.pad([0, ...low], [0, ...high], { interior: [0, ...interior], value }),
  concat: (context) => concat(allBatched(context), context.attrs.axis + 1),
  flip: ({ inputs: [x], attrs }) => x.flip(attrs.axes.map((axis) => axis + 1)),
  gather,
  scatterAdd: scatter,
  segmentBroadcast: same,
  segmentSum: same,

  matmul,
  eigh: same,
  qr: same,

  conv2d: batchConv2d,
  conv2dInputGrad: batchConv2dInputGrad,
  conv2dKernelGrad: batchConv2dKernelGrad,
  maxPool: batchPool,
  maxPoolGather: batchPool,
  maxPoolScatter: batchPool,

  softmax: same,
  logSoftmax: same,
  crossEntropy: sameForAll,
  lstm: recurrence,
  lstmTrace: recurrence,
  lstmBackward: recurrence,
  causalAttention: same,
  causalAttentionBackward: sameForAll,
  inverseStd: same,
  layerNorm,
};

/** One node on many lanes. */
export const batchNode = <K extends OpName>(
  node: Tensor<K>,
  inputs: readonly Tensor[],
  batched: readonly boolean[],
  size: number,
): Tensor => batchRules[node.op]({ op: node.op, y: node, attrs: node.attrs, inputs, batched, size });
