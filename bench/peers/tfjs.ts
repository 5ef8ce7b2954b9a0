import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import type { Contender, MlpData } from '../data.ts';

/** TensorFlow.js on its wasm backend (SIMD): variables, its autodiff, its SGD. */
export async function tfjsMlp({ sizes, batch, weights, x, labels, lr }: MlpData): Promise<Contender> {
  const files = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
  setWasmPaths(`${files}/`);
  setThreadsCount(2);
  if (!(await tf.setBackend('wasm'))) throw new Error('TensorFlow.js has no wasm backend here');
  await tf.ready();
  const classes = sizes[sizes.length - 1];
  const input = tf.tensor2d(x, [batch, sizes[0]]);
  const targets = tf.oneHot(tf.tensor1d(labels, 'int32'), classes).toFloat() as tf.Tensor2D;
  const w = weights.map((values, i) => tf.variable(tf.tensor2d(values, [sizes[i], sizes[i + 1]])));
  const b = sizes.slice(1).map((n) => tf.variable(tf.zeros([n])));
  const optimizer = tf.train.sgd(lr);
  const lossOf = (): tf.Scalar => {
    let h: tf.Tensor = input;
    w.forEach((matrix, i) => {
      h = h.matMul(matrix).add(b[i]);
      if (i < w.length - 1) h = h.relu();
    });
    return tf
      .logSoftmax(h)
      .mul(targets)
      .sum()
      .mul(-1 / batch) as tf.Scalar;
  };
  let last = Number.NaN;
  return {
    peer: 'TensorFlow.js (wasm)',
    step() {
      const value = optimizer.minimize(lossOf, true) as tf.Scalar;
      last = value.dataSync()[0];
      value.dispose();
    },
    loss: () => last,
  };
}
