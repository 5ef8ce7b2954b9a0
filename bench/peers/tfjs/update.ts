import * as tf from '@tensorflow/tfjs';
import { type Loaded, rootMeanSquareMove, type Workload } from '../peer.ts';
import { ruleOf } from './rules.ts';
import { tensor } from './tensors.ts';

/** An optimizer's step on every matrix. */
export function update(workload: Workload): Loaded {
  const rule = ruleOf(workload.numbers.method);
  const matrices = Object.keys(workload.tensors)
    .filter((name) => name.startsWith('w'))
    .map((name) => {
      const w = tensor(workload, name);
      return { name, w, g: tensor(workload, name.replace('w', 'g')), state: rule.init(w) };
    });
  let t = 0;
  return {
    run(count) {
      for (let i = 0; i < count; i++) {
        t++;
        for (const matrix of matrices) {
          const { w, g, state } = matrix;
          [matrix.w, matrix.state] = tf.tidy(() => rule.step(w, g, state, t));
          tf.dispose([w, state]);
        }
      }
    },
    check: () => rootMeanSquareMove(matrices.map(({ name, w }) => [w.dataSync(), workload.tensors[name].data])),
    dispose: () => tf.dispose(matrices.map(({ w, g, state }) => [w, g, state])),
  };
}
