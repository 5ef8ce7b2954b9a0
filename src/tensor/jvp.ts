import type { CompositeName, OpAttrs, OpName } from './attrs.ts';
import { expand } from './expand.ts';
import { concat, takeLast, zeros } from './functions.ts';
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
} from './partials.ts';
import { apply, type Tensor } from './tensor.ts';
import { inverseUpper, strictlyLower } from './triangular.ts';

/** Pushes tangents through a graph: `tangentsOf` of transforms.ts, which these rules serve. */
export type PushThrough = (
  outputs: readonly Tensor[],
  wrt: readonly Tensor[],
  tangents: readonly Tensor[],
) => readonly Tensor[];

/** A node, and the tangents of its inputs: null for an input that does not move. At least one does. */
export interface JvpContext<K extends OpName> {
  readonly op: K;
  readonly y: Tensor;
  readonly inputs: readonly Tensor[];
  readonly attrs: OpAttrs[K];
  readonly tangents: readonly (Tensor | null)[];
  readonly pushThrough: PushThrough;
}

/** The tangent of the node's result, in its shape; null where it does not move. */
type Rule<K extends OpName> = (context: JvpContext<K>) => Tensor | null;

const addUp = (terms: readonly (Tensor | null)[]): Tensor | null =>
  terms.reduce((total, term) => (total && term ? total.add(term) : (total ?? term)), null);

/** dy = sum_i (dy/dx_i) dx_i, element by element. */
const elementwise = ({ op, y, inputs: [a, b, c], tangents }: JvpContext<ElementwiseName>): Tensor | null =>
  addUp(
    partials[op].map((partial, i) => {
      const t = tangents[i];
      return partial && t ? partial(t, y, a, b, c) : null;
    }),
  )?.broadcastTo(y.shape) ?? null;

/** Linear in each of the inputs at `places` while the others stay: f(dx, y) + f(x, dy). */
const linearIn =
  (...places: readonly number[]) =>
  <K extends OpName>({ op, inputs, attrs, tangents }: JvpContext<K>): Tensor | null =>
    addUp(
      places.map((place) => {
        const t = tangents[place];
        return (
          t &&
          apply(
            op,
            inputs.map((x, i) => (i === place ? t : x)),
            attrs,
          )
        );
      }),
    );

const still = (): null => null;
const linear = linearIn(0);
const bilinear = linearIn(0, 1);

/** A rule of the first input's tangent alone. */
const ofFirst =
  <K extends OpName>(rule: (t: Tensor, context: JvpContext<K>) => Tensor): Rule<K> =>
  (context) =>
    context.tangents[0] && rule(context.tangents[0], context);

/** A composite op is differentiated as what it means. */
function expanded<K extends CompositeName>({ op, inputs, attrs, tangents, pushThrough }: JvpContext<K>): Tensor {
  const variables = inputs.map((x, i) => (tangents[i] ? apply('identity', [x], {}) : x));
  const moving = variables.filter((_, i) => tangents[i]);
  return pushThrough(
    [expand[op](variables, attrs)],
    moving,
    tangents.filter((t) => t !== null),
  )[0];
}

const extremum = ofFirst<'max' | 'min'>((t, { y, inputs: [x], attrs }) =>
  t.mul(tieWeights(x, y, attrs.axes)).sum(attrs.axes, attrs),
);

/** Pushes tangents forward, op by op. */
export const jvpRules: { readonly [K in OpName]: Rule<K> } = {
  parameter: still,
  constant: still,
  iota: still,
  random: still,

  ...forElementwise(elementwise),
  cast: linear,

  sum: linear,
  max: extremum,
  min: extremum,
  argmax: still,

  reshape: linear,
  transpose: linear,
  broadcastTo: linear,
  slice: linear,
  pad: ofFirst((t, { attrs: { low, high, interior } }) => t.pad(low, high, { interior })), // zeros, whatever the value
  concat: ({ inputs, attrs, tangents }) =>
    concat(
      tangents.map((t, i) => t ?? zeros(inputs[i].shape, inputs[i].dtype)),
      attrs.axis,
    ),
  flip: linear,
  gather: linear,
  scatterAdd: linearIn(1),
  segmentBroadcast: linear,
  segmentSum: linear,

  matmul: bilinear,
  // X = Q R: with M = Q' dX R^-1 and L its strict lower triangle, dQ = (dX R^-1 - Q M) + Q (L - L')
  qr: ofFirst((t, { inputs: [x], y }) => {
    const moved = t.matmul(inverseUpper(y.matmul(x, { transposeA: true })));
    const M = y.matmul(moved, { transposeA: true });
    const turned = strictlyLower(M);
    return moved.add(y.matmul(turned.sub(swapLast(turned)).sub(M)));
  }),
  // A = V diag(w) V': with P = V' dA V, dw = diag(P) and dV = V (F * P) (Giles 2008, section 3.1)
  eigh: ofFirst((t, { y }) => {
    const { values, vectors } = unpackEigh(y);
    const moved = symmetrize(t).matmul(vectors);
    const dValues = vectors.mul(moved).sum(-2, { keepDims: true });
    const dVectors = vectors.matmul(inverseGaps(values).mul(vectors.matmul(moved, { transposeA: true })));
    return concat([dValues, dVectors], -2);
  }),

  conv2d: bilinear,
  conv2dInputGrad: bilinear,
  conv2dKernelGrad: bilinear,
  maxPool: ofFirst((t, { inputs: [x], attrs }) => apply('maxPoolGather', [x, t], attrs)),
  maxPoolGather: linearIn(1),
  maxPoolScatter: linearIn(1),

  softmax: ofFirst((t, { y }) => softmaxJacobian(y, t)),
  logSoftmax: ofFirst((t, { y }) => t.sub(t.mul(y.exp()).sum(-1, { keepDims: true }))),
  // sum(softmax * t) - t[label]
  crossEntropy: ofFirst((t, { inputs: [logits, labels] }) => logits.softmax().mul(t).sum(-1).sub(takeLast(t, labels))),
  lstm: expanded,
  lstmTrace: expanded,
  lstmBackward: expanded,
  causalAttention: expanded,
  causalAttentionBackward: expanded,
  inverseStd: ofFirst((t, { inputs: [x], y, attrs: { epsilon } }) =>
    inverseStdSlope(x, y, epsilon).mul(t).sum(-1, { keepDims: true }),
  ),
  // gain * J dx + unit * dgain + dbias
  layerNorm: ({ inputs: [x, gain], attrs, tangents: [dx, dGain, dBias], y }) => {
    const { unit, jacobian } = standardize(x, attrs.epsilon);
    const moved = addUp([dx && jacobian(dx).mul(gain), dGain && unit.mul(dGain), dBias ?? null]);
    return moved?.broadcastTo(y.shape) ?? null;
  },
};

/** The tangent of one node. */
export const pushForward = <K extends OpName>(
  node: Tensor<K>,
  tangents: readonly (Tensor | null)[],
  pushThrough: PushThrough,
): Tensor | null =>
  jvpRules[node.op]({ op: node.op, y: node, inputs: node.inputs, attrs: node.attrs, tangents, pushThrough });
