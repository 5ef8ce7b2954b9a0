import { blockUntilReady, jit, numpy as np, tree } from '@jax-js/jax';
import { descent, gradientOf, isParameter, type Loaded, type Workload } from '../peer.ts';
import { tensor } from './arrays.ts';
import { rules } from './rules.ts';

/** An optimizer's step on every matrix, by one jitted function that is compiled once for each shape. */
export function update(workload: Workload): Loaded {
  const rule = rules[workload.numbers.method];
  const step = jit(rule.step);
  const matrices = Object.keys(workload.tensors)
    .filter(isParameter)
    .map((name) => {
      const w = tensor(workload, name);
      return { name, w, first: tensor(workload, name), g: tensor(workload, gradientOf(name)), state: rule.init(w.ref) };
    });
  let t = 0;
  return {
    async run(count) {
      for (let i = 0; i < count; i++) {
        t++;
        for (const matrix of matrices) {
          const { w, first, g, state } = matrix;
          Object.assign(matrix, step(w, (t === 1 ? first : g).ref, state, np.array(t)));
          await blockUntilReady([matrix.w, matrix.state]);
        }
      }
    },
    async check() {
      const now = await Promise.all(matrices.map(({ w }) => w.ref.data()));
      return descent(workload.tensors, new Map(matrices.map(({ name }, i) => [name, now[i]])));
    },
    dispose() {
      for (const { w, first, g, state } of matrices) tree.dispose([w, first, g, state]);
      step.dispose();
    },
  };
}
