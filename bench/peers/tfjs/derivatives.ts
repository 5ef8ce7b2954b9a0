import * as tf from '@tensorflow/tfjs';
import type { Loaded, Workload } from '../peer.ts';
import { type Batch, crossEntropy, linear, smoothMlp } from './layers.ts';
import { batchOf } from './model.ts';
import { inner, parameters, type Tensors } from './tensors.ts';

/** H v of the MLP's loss as the gradient of the gradient along v: the library has no forward mode. Its value: v'Hv. */
export function hvp(workload: Workload): Loaded {
  const batch = batchOf(workload);
  const [w, v] = [parameters(workload), parameters(workload, 'v.')];
  const names = Object.keys(w);
  const directions = names.map((name) => v[name]);
  const loss = (...at: tf.Tensor[]): tf.Scalar =>
    smoothMlp(Object.fromEntries(names.map((name, i) => [name, at[i]])), batch);
  const slope = (...at: tf.Tensor[]): tf.Tensor =>
    tf.addN(
      tf
        .grads(loss)(at)
        .map((gradient, i) => gradient.mul(directions[i]).sum()),
    );
  const product = tf.grads(slope);
  return repeated(
    () => product(Object.values(w)),
    (hv) => inner(hv, directions),
    [...Object.values(w), ...directions, ...Object.values(batch)],
  );
}

/** The gradients of all examples' own losses. Its value: the sum of their squares over the examples. */
export function perExample(workload: Workload): Loaded {
  const batch = batchOf(workload);
  const w = parameters(workload);
  const examples = batch.x.shape[0];
  return repeated(
    () => perExampleGradients(w, batch),
    (gradients) => inner(gradients, gradients) / examples,
    [...Object.values(w), ...Object.values(batch)],
  );
}

/**
 * Without `vmap`: one backward pass gives the gradient at what every layer puts out, a row for each example; an example's gradient
 * for a matrix is the outer product of that row and the layer's input.
 */
function perExampleGradients(w: Tensors, { x, targets }: Batch): tf.Tensor[] {
  const examples = x.shape[0];
  const layers = Object.keys(w).length / 2;
  const shifts = Array.from({ length: layers }, (_, k) => tf.zeros([examples, w[`fc${k + 1}.bias`].shape[0]]));
  const inputs: tf.Tensor[] = [];
  const deltas = tf.grads((...shifts) => {
    let h = x;
    shifts.forEach((shift, k) => {
      if (k > 0) h = h.relu();
      inputs.push(tf.keep(h.clone()));
      h = linear(w, `fc${k + 1}`, h).add(shift);
    });
    return crossEntropy(h, targets).mul(examples);
  })(shifts);
  const gradients = deltas.flatMap((delta, k) => [inputs[k].expandDims(2).mul(delta.expandDims(1)), delta]);
  tf.dispose(inputs);
  return gradients;
}

/** Computes the same result again and again. */
function repeated(
  program: () => tf.Tensor[],
  value: (result: tf.Tensor[]) => number,
  inputs: readonly tf.Tensor[],
): Loaded {
  let result: tf.Tensor[] = [];
  return {
    run(count) {
      for (let i = 0; i < count; i++) {
        tf.dispose(result);
        result = tf.tidy(program);
      }
    },
    check: () => value(result),
    dispose: () => tf.dispose([...inputs, ...result]),
  };
}
