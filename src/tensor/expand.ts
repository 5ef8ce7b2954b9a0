import { expandCausalAttention, expandCausalAttentionBackward } from './attention.ts';
import type { CompositeName, OpAttrs, OpName } from './attrs.ts';
import { takeLast } from './functions.ts';
import { expandLstm, expandLstmBackward, expandLstmTrace } from './lstm.ts';
import type { Tensor } from './tensor.ts';

const centre = (x: Tensor): Tensor => x.sub(x.mean(-1, { keepDims: true }));

const inverseStd = (centred: Tensor, epsilon: number): Tensor =>
  centred.square().mean(-1, { keepDims: true }).add(epsilon).sqrt().reciprocal();

/** What each composite op means in terms of the others. Engines without a native form compute this. */
export const expand: { readonly [K in CompositeName]: (inputs: readonly Tensor[], attrs: OpAttrs[K]) => Tensor } = {
  softmax: ([x]) => {
    const shifted = x.sub(x.max(-1, { keepDims: true }).stopGradient()).exp();
    return shifted.div(shifted.sum(-1, { keepDims: true }));
  },
  logSoftmax: ([x]) => x.sub(x.logsumexp(-1, { keepDims: true })),
  crossEntropy: ([logits, labels]) => logits.logsumexp(-1).sub(takeLast(logits, labels)),
  layerNorm: ([x, gain, bias], { epsilon }) => {
    const centred = centre(x);
    return centred.mul(inverseStd(centred, epsilon)).mul(gain).add(bias);
  },
  lstm: ([ofInput, weight]) => expandLstm(ofInput, weight),
  lstmTrace: ([ofInput, weight]) => expandLstmTrace(ofInput, weight),
  lstmBackward: ([trace, weight, dy]) => expandLstmBackward(trace, weight, dy),
  causalAttention: ([qkv], { heads }) => expandCausalAttention(qkv, heads),
  causalAttentionBackward: ([qkv, dy], { heads }) => expandCausalAttentionBackward(qkv, dy, heads),
  inverseStd: ([x], { epsilon }) => inverseStd(centre(x), epsilon),
  gelu: ([x]) => x.mul(x.mul(Math.SQRT1_2).erf().add(1).mul(0.5)),
};

export const isComposite = (op: OpName): op is CompositeName => op in expand;
