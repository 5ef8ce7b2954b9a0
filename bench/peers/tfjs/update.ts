import * as tf from '@tensorflow/tfjs';
import { descent, gradientOf, isParameter, type Loaded, type Workload } from '../peer.ts';
import { ruleOf } from './rules.ts';
import { tensor } from './tensors.ts';

/** An optimizer's step on every matrix. */
export function update(workload: Workload): Loaded {
  const rule = ruleOf(workload.numbers.method);
  const matrices = Object.keys(workload.tensors)
    .filter(isParameter)
    .map((name) => {
      const w = tensor(workload, name);
      return { name, w, first: w.clone(), g: tensor(workload, gradientOf(name)), state: rule.init(w) };
    });
  let t = 0;
  return {
    run(count) {
      for (let i = 0; i < count; i++) {
        t++;
        for (const matrix of matrices) {
          const { w, first, g, state } = matrix;
          [matrix.w, matrix.state] = tf.tidy(() => rule.step(w, t === 1 ? first : g, state, t));
          tf.dispose([w, state]);
        }
      }
    },
    check: () => descent(workload.tensors, new Map(matrices.map(({ name, w }) => [name, w.dataSync()]))),
    dispose: () => tf.dispose(matrices.map(({ w, first, g, state }) => [w, first, g, state])),
  };
}
