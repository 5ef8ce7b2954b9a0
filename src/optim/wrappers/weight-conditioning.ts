import { type Bundle, perTensor } from '../../tensor/bundle.ts';
import { unitRows } from '../../tensor/row-norms.ts';
import { jvp, vjp, vmap } from '../../tensor/transforms.ts';
import { flag } from '../hyper.ts';
import { isMatrix } from '../matrix/as-matrix.ts';
import type { Oracle } from '../oracle.ts';
import { defineWrapper } from '../wrapper.ts';
import { perPoint, termAt } from './transformed.ts';

/**
 * Weight conditioning: the model sees its hidden matrices with rows of unit length, the base trains the raw ones. Saratchandran et al. 2024,
 * arXiv:2409.03424.
 *
 *   W^ = E W,  E = diag(1 / |W_i|) over rows;   the base steps W along  dL/dW_i = (G_i - (G_i . W^_i) W^_i) / |W_i|,  G = dL/dW^
 *
 * Hidden matrices and kernels (flattened to [out, in kh kw]) are conditioned; embeddings, the head, biases and gains are not. Whether the
 * paper conditions the last layer, and whether E is a constant in its back-propagation, could not be verified: we leave the head out and
 * differentiate through E; with `detachNorm` dL/dW_i = G_i / |W_i|. Row norms are floored at 1e-12. Evaluations and what is kept are the
 * conditioned weights, so that a trained model needs no wrapper. Model code takes `conditionedWeight` instead.
 * In float32 a gradient beyond 1e19 at rows of zeros leaves NaN; `clip-value` around it is the remedy.
 */
export const weightConditioning = defineWrapper({
  id: 'weight-conditioning',
  summary: 'hidden matrices with rows of unit length, trained through the normalisation',
  source: 'Saratchandran et al. 2024, arXiv:2409.03424',
  hyper: { detachNorm: flag(false, 'the row norms count as constants in the gradient') },
  step: ({ oracle, hyper: { detachNorm } }, base) => base({ oracle: throughCondition(oracle, detachNorm) }),
  evaluationPoint: (context, evaluate) => conditioned(evaluate(), context.hyper.detachNorm),
});

/** An oracle over the conditioned weights, asked at the raw ones. */
function throughCondition(oracle: Oracle, detachNorm: boolean): Oracle {
  const condition = (w: Bundle) => conditioned(w, detachNorm);
  const at = perPoint(condition);
  const pull = (w: Bundle, g: Bundle): Bundle => vjp(condition, w)[1](g)[0];
  const gradAt = perPoint((w, batch) => pull(w, oracle.grad(at(w, 0), { batch })));
  return {
    loss: (w, where) => oracle.loss(at(w, 0), where),
    grad: (w, { batch = 0 } = {}) => gradAt(w, batch),
    valueAndGrad: (w, where = {}) => ({
      value: oracle.valueAndGrad(at(w, 0), where).value,
      grad: gradAt(w, where.batch ?? 0),
    }),
    // The derivative of `pull` along v, whose second argument moves by the Hessian at W^ times the motion of W^.
    hessianVector: (w, v, where) => {
      const moved = jvp(condition, [w], [v])[1];
      return jvp(pull, [w, oracle.grad(at(w, 0), where)], [v, oracle.hessianVector(at(w, 0), moved, where)])[1];
    },
    perExampleGrads: (w, where) =>
      vmap(
        (row: Bundle['flat']) =>
          pull(
            w,
            w.map(() => row),
          ).flat,
      )(oracle.perExampleGrads(at(w, 0), where)),
    sampledGrad: (w, where) => {
      const { grad, labels } = oracle.sampledGrad(at(w, 0), where);
      return { grad: pull(w, grad), labels };
    },
    withTerm: (term) => throughCondition(oracle.withTerm(termAt(term, (w) => at(w, 0))), detachNorm),
  };
}

const conditioned = (w: Bundle, detachNorm: boolean): Bundle =>
  perTensor(([x], leaf) => (isMatrix(leaf) ? unitRows(x, { detachNorm }) : x), w);
