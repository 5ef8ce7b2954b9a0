import type { CompositeName, OpAttrs, OpName } from './attrs.ts';
import { expand } from './expand.ts';
import { oneHot, scatterAdd, zeros } from './functions.ts';
import { stepBefore, stepsAsRows } from './lstm.ts';
import {
  type ElementwiseName,
  forElementwise,
  inverseGaps,
  inverseStdSlope,
  partials,
  softmaxJacobian,
  standardize,
  swapLast,
  symmetrize,
  tieWeights,
  unpackEigh,
  withReduced,
} from './partials.ts';
import { type Shape, sizeOf } from './shape.ts';
import { apply, type Tensor } from './tensor.ts';
import { inverseUpper, strictlyLower } from './triangular.ts';

/** Pulls cotangents of outputs back through their graph: `cotangentsOf` of transforms.ts, which these rules serve. */
export type PullThrough = (
  outputs: readonly Tensor[],
  wrt: readonly Tensor[],
  cotangents: readonly Tensor[],
) => (Tensor | null)[];

/** A node and the cotangent of its result. */
export interface VjpContext<K extends OpName> {
  readonly op: K;
  readonly y: Tensor;
  readonly inputs: readonly Tensor[];
  readonly attrs: OpAttrs[K];
  readonly dy: Tensor;
  readonly pullThrough: PullThrough;
}

/** Makes the cotangent of one input when it is wanted; null for an input that has none (indices, conditions). */
export type Pull = (() => Tensor) | null;

type Rule<K extends OpName> = (context: VjpContext<K>) => readonly Pull[];

/** Sums what broadcasting repeated: the adjoint of broadcastTo. */
export function sumTo(t: Tensor, shape: Shape): Tensor {
  const added = t.rank - shape.length;
  const axes = [...t.shape.keys()].filter((axis) => axis < added || (shape[axis - added] === 1 && t.shape[axis] !== 1));
  return (axes.length === 0 ? t : t.sum(axes)).reshape(shape);
}

/** dx_i = dy * (dy/dx_i), summed over what was broadcast. */
const elementwise = ({ op, y, inputs, dy }: VjpContext<ElementwiseName>): Pull[] =>
  partials[op].map(
    (partial, i) => partial && (() => sumTo(partial(dy, y, inputs[0], inputs[1], inputs[2]), inputs[i].shape)),
  );

const stop = ({ inputs }: { readonly inputs: readonly Tensor[] }): null[] => inputs.map(() => null);

const extremum = ({ y, inputs: [x], attrs: { axes }, dy }: VjpContext<'max' | 'min'>): Pull[] => [
  () => withReduced(dy, x, axes).mul(tieWeights(x, y, axes)),
];

/** Position of each axis in the permutation. */
const inverse = (permutation: readonly number[]): number[] => permutation.map((_, axis) => permutation.indexOf(axis));

/** All batch axes and rows in one: [..., m, n] -> [... * m, n]. */
const asRows = (x: Tensor): Tensor => x.reshape([sizeOf(x.shape.slice(0, -1)), x.shape[x.rank - 1]]);

/**
 * Y = P Q, where P is A or A', Q is B or B': dP = dY Q' and dQ = P' dY. An operand that was transposed takes the transpose of that,
 * dA = Q dY' and dB = dY' P; so the flags say it all, and no tensor is transposed in memory.
 */
function matmulRule({ inputs: [a, b], attrs: { transposeA, transposeB }, dy }: VjpContext<'matmul'>): Pull[] {
  return [
    () => {
      const da = transposeA
        ? b.matmul(dy, { transposeA: transposeB, transposeB: true })
        : dy.matmul(b, { transposeB: !transposeB });
      return sumTo(da, a.shape);
    },
    () => {
      // One matrix for a whole batch of A: a single product sums over the batch.
      const [x, d] = b.rank === 2 && a.rank > 2 && !transposeA ? [asRows(a), asRows(dy)] : [a, dy];
      const db = transposeB
        ? d.matmul(x, { transposeA: true, transposeB: transposeA })
        : x.matmul(d, { transposeA: !transposeA });
      return sumTo(db, b.shape);
    },
  ];
}

/** A composite op is differentiated as what it means. */
function expanded<K extends CompositeName>({ op, inputs, attrs, dy, pullThrough }: VjpContext<K>): Pull[] {
  let found: (Tensor | null)[] | undefined;
  const all = (): (Tensor | null)[] => {
    const variables = inputs.map((x) => apply('identity', [x], {}));
    return pullThrough([expand[op](variables, attrs)], variables, [dy]);
  };
  return inputs.map((x, i) => () => {
    found ??= all();
    return found[i] ?? zeros(x.shape, x.dtype);
  });
}

const spatial = (x: Tensor): readonly [number, number] => [x.shape[2], x.shape[3]];

/** Pulls cotangents back, op by op. */
export const vjpRules: { readonly [K in OpName]: Rule<K> } = {
  parameter: stop,
  constant: stop,
  iota: stop,
  random: stop,

  ...forElementwise(elementwise),
  cast: ({ inputs: [x], dy }) => [() => dy.cast(x.dtype)],

  sum: ({ inputs: [x], attrs, dy }) => [() => withReduced(dy, x, attrs.axes).broadcastTo(x.shape)],
  max: extremum,
  min: extremum,
  argmax: stop,

  reshape: ({ inputs: [x], dy }) => [() => dy.reshape(x.shape)],
  transpose: ({ attrs, dy }) => [() => dy.transpose(inverse(attrs.permutation))],
  broadcastTo: ({ inputs: [x], dy }) => [() => sumTo(dy, x.shape)],
  slice: ({ inputs: [x], y, attrs: { starts, strides }, dy }) => [
    () => {
      const covered = y.shape.map((n, i) => Math.max(0, (n - 1) * strides[i] + 1));
      const high = x.shape.map((n, i) => n - starts[i] - covered[i]);
      return dy.pad(starts, high, { interior: strides.map((stride) => stride - 1) });
    },
  ],
  pad: ({ inputs: [x], attrs: { low, interior }, dy }) => [
    () => {
      const limits = x.shape.map((n, i) => low[i] + Math.max(0, (n - 1) * (interior[i] + 1) + 1));
      return dy.slice(
        low,
        limits,
        interior.map((gap) => gap + 1),
      );
    },
  ],
  concat: ({ inputs, attrs: { axis }, dy }) => {
    let end = 0;
    return inputs.map((x) => {
      const start = end;
      end += x.shape[axis];
      const limit = end;
      return () => dy.sliceAxis(axis, start, limit);
    });
  },
  flip: ({ attrs, dy }) => [() => dy.flip(attrs.axes)],
  gather: ({ inputs: [x, indices], attrs: { axis }, dy }) => [
    () => scatterAdd(indices, dy, { axis, size: x.shape[axis] }),
    null,
  ],
  scatterAdd: ({ inputs: [indices], attrs, dy }) => [null, () => dy.gather(indices, attrs.axis)],
  segmentBroadcast: ({ attrs, dy }) => [() => apply('segmentSum', [dy], attrs)],
  segmentSum: ({ attrs, dy }) => [() => apply('segmentBroadcast', [dy], attrs)],

  matmul: matmulRule,
  // dA = V (diag(dw) + F * (V' dV)) V', its symmetric part (Giles 2008, section 3.1)
  // dX = (dQ + Q (L(N - N') - N)) R'^-1, N = Q' dQ and L the strict lower triangle: the adjoint of what jvp does.
  qr: ({ inputs: [x], y, dy }) => [
    () => {
      const N = y.matmul(dy, { transposeA: true });
      const inside = strictlyLower(N.sub(swapLast(N))).sub(N);
      const moved = dy.add(y.matmul(inside));
      return moved.matmul(inverseUpper(y.matmul(x, { transposeA: true })), { transposeB: true });
    },
  ],
  eigh: ({ y, dy }) => [
    () => {
      const { values, vectors } = unpackEigh(y);
      const { values: dValues, vectors: dVectors } = unpackEigh(dy);
      const mixed = inverseGaps(values).mul(vectors.matmul(dVectors, { transposeA: true }));
      const moved = vectors.mul(dValues).add(vectors.matmul(mixed));
      return symmetrize(moved.matmul(vectors, { transposeB: true }));
    },
  ],

  // The three convolutions are the partial derivatives of the one trilinear form <dy, conv2d(x, kernel)>.
  conv2d: ({ inputs: [x, kernel], attrs, dy }) => [
    () => apply('conv2dInputGrad', [dy, kernel], { ...attrs, inputSize: spatial(x) }),
    () => apply('conv2dKernelGrad', [x, dy], { ...attrs, kernelSize: spatial(kernel) }),
  ],
  conv2dInputGrad: ({ inputs: [gy, kernel], attrs: { inputSize: _, ...geometry }, dy }) => [
    () => apply('conv2d', [dy, kernel], geometry),
    () => apply('conv2dKernelGrad', [dy, gy], { ...geometry, kernelSize: spatial(kernel) }),
  ],
  conv2dKernelGrad: ({ inputs: [x, gy], attrs: { kernelSize: _, ...geometry }, dy }) => [
    () => apply('conv2dInputGrad', [gy, dy], { ...geometry, inputSize: spatial(x) }),
    () => apply('conv2d', [x, dy], geometry),
  ],
  maxPool: ({ inputs: [x], attrs, dy }) => [() => apply('maxPoolScatter', [x, dy], attrs)],
  maxPoolGather: ({ inputs: [x], attrs, dy }) => [null, () => apply('maxPoolScatter', [x, dy], attrs)],
  maxPoolScatter: ({ inputs: [x], attrs, dy }) => [null, () => apply('maxPoolGather', [x, dy], attrs)],

  softmax: ({ y, dy }) => [() => softmaxJacobian(y, dy)],
  logSoftmax: ({ y, dy }) => [() => dy.sub(y.exp().mul(dy.sum(-1, { keepDims: true })))],
  // (softmax - onehot) * dy
  crossEntropy: ({ inputs: [logits, labels], dy }) => [
    () => {
      const target = oneHot(labels, logits.shape[logits.rank - 1], logits.dtype);
      return logits.softmax().sub(target).mul(dy.expandDims(-1));
    },
    null,
  ],
  lstm: ({ inputs: [ofInput, weight], y, dy }) => {
    const gates = apply('lstmBackward', [apply('lstmTrace', [ofInput, weight], {}), weight, dy], {});
    return [
      () => gates,
      // All steps in one product.
      () => {
        const rows = weight.rank === 2 ? asRows : stepsAsRows;
        return sumTo(rows(gates).matmul(rows(stepBefore(y)), { transposeA: true }), weight.shape);
      },
    ];
  },
  lstmTrace: expanded,
  lstmBackward: expanded,
  causalAttention: ({ inputs: [qkv], attrs, dy }) => [() => apply('causalAttentionBackward', [qkv, dy], attrs)],
  causalAttentionBackward: expanded,
  inverseStd: ({ inputs: [x], y, attrs: { epsilon }, dy }) => [() => inverseStdSlope(x, y, epsilon).mul(dy)],
  layerNorm: ({ inputs: [x, gain, bias], attrs, dy }) => {
    const { unit, jacobian } = standardize(x, attrs.epsilon);
    return [() => jacobian(dy.mul(gain)), () => sumTo(dy.mul(unit), gain.shape), () => sumTo(dy, bias.shape)];
  },
};

/** For each input of one node, how to make its cotangent. */
export const pullBack = <K extends OpName>(node: Tensor<K>, dy: Tensor, pullThrough: PullThrough): readonly Pull[] =>
  vjpRules[node.op]({ op: node.op, y: node, inputs: node.inputs, attrs: node.attrs, dy, pullThrough });
