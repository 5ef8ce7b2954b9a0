import { TensorError } from './error.ts';
import { formatShape, sameShape } from './shape.ts';
import type { Tensor } from './tensor.ts';

/**
 * KL(softmax(reference / tau) | softmax(logits / tau)) of each row in nats: both [..., classes] -> [...]. No derivative passes to the reference.
 */
export function softDivergence(logits: Tensor, reference: Tensor, tau: Tensor | number = 1): Tensor {
  if (!sameShape(logits.shape, reference.shape) || logits.rank < 1) {
    const shapes = `${formatShape(logits.shape)} and ${formatShape(reference.shape)}`;
    throw new TensorError('softDivergence', `takes two tensors [..., classes] of one shape, not ${shapes}`);
  }
  const soft = (z: Tensor) => z.div(tau).logSoftmax();
  const wanted = soft(reference).stopGradient();
  return wanted
    .exp()
    .mul(wanted.sub(soft(logits)))
    .sum(-1);
}

/**
 * tau^2 times the mean over rows of `softDivergence`, a scalar. Its derivative in the logits of a row is tau (softmax(logits / tau) -
 * softmax(reference / tau)) over the number of rows: tau^2 keeps its size whatever the temperature (Hinton, Vinyals & Dean 2015,
 * arXiv:1503.02531, section 2).
 */
export const distillation = (logits: Tensor, reference: Tensor, tau: Tensor | number = 1): Tensor =>
  softDivergence(logits, reference, tau)
    .mean()
    .mul(typeof tau === 'number' ? tau * tau : tau.square());
