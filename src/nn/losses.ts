import { TensorError } from '../tensor/error.ts';
import { crossEntropy } from '../tensor/functions.ts';
import type { RandomStreams } from '../tensor/random.ts';
import { formatShape, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Broadcasting [N, 1] against [N] would compare every example with every other one. */
function alike(name: string, { shape: given }: Tensor, { shape: wanted }: Tensor): void {
  if (sameShape(given, wanted)) return;
  const shapes = `${formatShape(given)} and ${formatShape(wanted)}`;
  throw new TensorError(name, `takes two tensors of one shape, not ${shapes}; reshape one of them`);
}

/** Mean cross-entropy in nats: logits [..., classes], labels int32 [...] -> scalar. */
export const meanCrossEntropy = (logits: Tensor, labels: Tensor): Tensor => crossEntropy(logits, labels).mean();

/** Mean over all elements of the squared difference; both of one shape -> scalar. */
export function meanSquaredError(prediction: Tensor, target: Tensor): Tensor {
  alike('meanSquaredError', prediction, target);
  return prediction.sub(target).square().mean();
}

/** Mean cross-entropy in nats of yes-or-no labels: logits [...], labels 0 or 1 of any dtype [...] -> scalar. */
export function meanBinaryCrossEntropy(logits: Tensor, labels: Tensor): Tensor {
  alike('meanBinaryCrossEntropy', logits, labels);
  const agreement = logits.mul(labels.cast(logits.dtype));
  return logits.softplus().sub(agreement).mean();
}

/**
 * Labels drawn from the softmax of logits [..., classes] -> int32 [...]: the largest of logits plus Gumbel noise (Maddison et al. 2014,
 * arXiv:1411.0030, section 2). No derivative passes.
 */
export function sampleLabels(logits: Tensor, random: RandomStreams): Tensor {
  const gumbel = random.uniform(logits.shape, logits.dtype).log().neg().log().neg();
  return logits.stopGradient().add(gumbel).argmax(-1);
}

/** Share of rows whose largest logit is not at the label: logits [..., classes], labels int32 [...] -> scalar in [0, 1]. */
export function errorRate(logits: Tensor, labels: Tensor): Tensor {
  const guess = logits.argmax(-1);
  alike('errorRate', guess, labels);
  return guess.ne(labels).cast(logits.dtype).mean();
}

/** Share of logits whose sign does not say the label: logits [...], labels 0 or 1 of any dtype [...] -> scalar in [0, 1]. */
export function binaryErrorRate(logits: Tensor, labels: Tensor): Tensor {
  alike('binaryErrorRate', logits, labels);
  return logits.gt(0).cast('int32').ne(labels.cast('int32')).cast(logits.dtype).mean();
}
