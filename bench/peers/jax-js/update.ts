import { blockUntilReady, jit, numpy as np, tree } from '@jax-js/jax';
import { type Loaded, rootMeanSquareMove, type Workload } from '../peer.ts';
import { tensor } from './arrays.ts';
import { rules } from './rules.ts';

/** An optimizer's step on every matrix, by one jitted function that is compiled once for each shape. */
export function update(workload: Workload): Loaded {
  const rule = rules[workload.numbers.method];
  const step = jit(rule.step);
  const matrices = Object.keys(workload.tensors)
    .filter((name) => name.startsWith('w'))
    .map((name) => {
      const w = tensor(workload, name);
      return { name, w, g: tensor(workload, name.replace('w', 'g')), state: rule.init(w.ref) };
    });
  let t = 0;
  return {
    async run(count) {
      for (let i = 0; i < count; i++) {
        t++;
        for (const matrix of matrices) {
          const { w, g, state } = matrix;
          Object.assign(matrix, step(w, g.ref, state, np.array(t)));
          await blockUntilReady([matrix.w, matrix.state]);
        }
      }
    },
    async check() {
      const now = await Promise.all(matrices.map(({ w }) => w.ref.data()));
      return rootMeanSquareMove(matrices.map(({ name }, i) => [now[i], workload.tensors[name].data]));
    },
    dispose() {
      for (const { w, g, state } of matrices) tree.dispose([w, g, state]);
      step.dispose();
    },
  };
}
