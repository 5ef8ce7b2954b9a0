import { blockUntilReady, jit, tree, valueAndGrad } from '@jax-js/jax';
import type { Loaded, Workload } from '../peer.ts';
import { type Arrays, type JaxArray, parameters } from './arrays.ts';
import type { Batch, Loss } from './layers.ts';
import { batchOf } from './model.ts';

/** Training by SGD: one jitted function for loss, gradients and update. */
export function training(workload: Workload, loss: Loss): Loaded {
  const { lr } = workload.numbers;
  const batch = batchOf(workload);
  let w = parameters(workload);
  let last: JaxArray | undefined;
  const step = jit((w: Arrays, batch: Batch): [JaxArray, Arrays] => {
    const [value, gradients] = valueAndGrad(loss)(tree.ref(w), batch) as [JaxArray, Arrays];
    return [value, tree.map((p: JaxArray, g: JaxArray) => p.sub(g.mul(lr)), w, gradients)];
  });
  return {
    async run(count) {
      for (let i = 0; i < count; i++) {
        last?.dispose();
        [last, w] = step(w, tree.ref(batch));
        await blockUntilReady([last, w]);
      }
    },
    check: async () => (await (last as JaxArray).ref.data())[0],
    dispose() {
      tree.dispose([batch, w]);
      last?.dispose();
      step.dispose();
    },
  };
}
