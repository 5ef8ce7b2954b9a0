import * as tf from '@tensorflow/tfjs';
import type { Loaded, Workload } from '../peer.ts';
import type { Loss } from './layers.ts';
import { batchOf } from './model.ts';
import { parameters } from './tensors.ts';

/** Training by the library's own SGD on variables. */
export function training(workload: Workload, loss: Loss): Loaded {
  const batch = batchOf(workload);
  const entries = Object.entries(parameters(workload)).map(([name, w]) => {
    const variable = tf.variable(w);
    w.dispose();
    return [name, variable] as const;
  });
  const w = Object.fromEntries(entries);
  const variables = Object.values(w);
  const optimizer = tf.train.sgd(workload.numbers.lr);
  let last: tf.Scalar | null = null;
  return {
    run(count) {
      for (let i = 0; i < count; i++) {
        last?.dispose();
        last = optimizer.minimize(() => loss(w, batch), true, variables);
      }
    },
    check: () => (last as tf.Scalar).dataSync()[0],
    dispose() {
      tf.dispose([batch.x, batch.targets, ...variables, last ?? []]);
      optimizer.dispose();
    },
  };
}
