import * as tf from '@tensorflow/tfjs';
import type { Tensors } from './tensors.ts';

/** What a model is called with beside its parameters. */
export interface Batch {
  /** Features, images [N, H, W, C], or tokens, one-hot. */
  readonly x: tf.Tensor;
  /** The labels, one-hot. */
  readonly targets: tf.Tensor;
}

export type Loss = (w: Tensors, batch: Batch) => tf.Scalar;

/** What keeps tensors for the gradient of `tf.customGrad`. */
export type Save = (tensors: tf.Tensor[]) => void;

/**
 * a b of matrices. The wasm backend multiplies through XNNPACK unless an operand is to be transposed, as the library's own gradient
 * asks; here the transposes are made first.
 */
export function matMul(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const product = tf.customGrad((...args) => {
    const [a, b, save] = args as unknown as [tf.Tensor, tf.Tensor, Save];
    save([a, b]);
    return {
      value: tf.matMul(a, b),
      gradFunc: (dy: tf.Tensor, [a, b]: tf.Tensor[]) => [matMul(dy, b.transpose()), matMul(a.transpose(), dy)],
    };
  });
  return product(a, b);
}

/** x W + b for x [..., in]. */
export function linear(w: Tensors, name: string, x: tf.Tensor): tf.Tensor {
  const [inputs, outputs] = w[`${name}.weight`].shape;
  const y = matMul(x.reshape([-1, inputs]), w[`${name}.weight`]).add(w[`${name}.bias`]);
  return y.reshape([...x.shape.slice(0, -1), outputs]);
}

/** Mean cross-entropy of logits [..., classes] against one-hot targets of that shape. */
export function crossEntropy(logits: tf.Tensor, targets: tf.Tensor): tf.Scalar {
  const examples = targets.size / targets.shape[targets.rank - 1];
  return tf
    .logSoftmax(logits)
    .mul(targets)
    .sum()
    .mul(-1 / examples);
}

/** The loss of a multi-layer perceptron. */
export function mlp(w: Tensors, { x, targets }: Batch): tf.Scalar {
  return crossEntropy(logits(w, x), targets);
}

/**
 * The loss of a multi-layer perceptron, twice differentiable. The library's second derivatives are right only where an op's gradient is
 * made of its inputs; those of `exp` and `logSoftmax` are made of what they put out, which the second pass takes for constants.
 */
export function smoothMlp(w: Tensors, { x, targets }: Batch): tf.Scalar {
  const z = logits(w, x);
  const shifted = z.sub(constant(z, (z) => z.max(-1, true)));
  const logSum = exp(shifted).sum(-1).log().sum();
  return logSum.sub(shifted.mul(targets).sum()).div(targets.shape[0]);
}

function exp(x: tf.Tensor): tf.Tensor {
  const detour = tf.customGrad((...args) => {
    const [x, save] = args as unknown as [tf.Tensor, Save];
    save([x]);
    return { value: tf.exp(x), gradFunc: (dy: tf.Tensor, [x]: tf.Tensor[]) => dy.mul(exp(x)) };
  });
  return detour(x);
}

/** `f` of x, with no gradient. */
function constant(x: tf.Tensor, f: (x: tf.Tensor) => tf.Tensor): tf.Tensor {
  const detour = tf.customGrad((...args) => {
    const [x] = args as tf.Tensor[];
    return { value: f(x), gradFunc: () => tf.zerosLike(x) };
  });
  return detour(x);
}

function logits(w: Tensors, x: tf.Tensor): tf.Tensor {
  const layers = Object.keys(w).length / 2;
  let h = linear(w, 'fc1', x);
  for (let k = 2; k <= layers; k++) h = linear(w, `fc${k}`, h.relu());
  return h;
}
