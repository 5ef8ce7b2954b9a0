import { crossEntropy } from '../tensor/functions.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Mean cross-entropy in nats: logits [..., classes], labels int32 [...] -> scalar. */
export const meanCrossEntropy = (logits: Tensor, labels: Tensor): Tensor => crossEntropy(logits, labels).mean();

/** Mean over all elements of the squared difference; both of one shape -> scalar. */
export const meanSquaredError = (prediction: Tensor, target: Tensor): Tensor => prediction.sub(target).square().mean();

/** Mean cross-entropy in nats of yes-or-no labels: logits [...], labels 0 or 1 of any dtype [...] -> scalar. */
export const meanBinaryCrossEntropy = (logits: Tensor, labels: Tensor): Tensor =>
  logits
    .softplus()
    .sub(logits.mul(labels.cast(logits.dtype)))
    .mean();

/** Share of rows whose largest logit is not at the label: logits [..., classes], labels int32 [...] -> scalar in [0, 1]. */
export const errorRate = (logits: Tensor, labels: Tensor): Tensor =>
  logits.argmax(-1).ne(labels).cast(logits.dtype).mean();

/** Share of logits whose sign does not say the label: logits [...], labels 0 or 1 of any dtype [...] -> scalar in [0, 1]. */
export const binaryErrorRate = (logits: Tensor, labels: Tensor): Tensor =>
  logits.gt(0).cast('int32').ne(labels.cast('int32')).cast(logits.dtype).mean();
