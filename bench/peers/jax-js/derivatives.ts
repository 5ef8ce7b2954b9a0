import { blockUntilReady, grad, jit, jvp, tree, vmap } from '@jax-js/jax';
import type { Loaded, Workload } from '../peer.ts';
import { type Arrays, inner, parameters, tensorsUnder } from './arrays.ts';
import type { Batch } from './layers.ts';
import { mlp, mlpOfOne } from './mlp.ts';
import { batchOf } from './model.ts';

type Gradient = (w: Arrays, batch: Batch) => Arrays;

/** H v of the MLP's loss, forward over reverse. Its value: v'Hv. */
export function hvp(workload: Workload): Loaded {
  const gradient = grad(mlp) as Gradient;
  const product = (w: Arrays, v: Arrays, batch: Batch): Arrays => {
    const [g, hv] = jvp((at: Arrays) => gradient(at, batch), [w], [v]);
    tree.dispose(g);
    return hv;
  };
  const v = tensorsUnder(workload, 'v.');
  return repeated(product, [parameters(workload), v, batchOf(workload)], (hv) => inner(hv, v));
}

/** The gradients of all examples' own losses. Its value: the sum of their squares over the examples. */
export function perExample(workload: Workload): Loaded {
  const batch = batchOf(workload);
  const gradients = vmap(grad(mlpOfOne) as Gradient, [null, 0]) as Gradient;
  return repeated(gradients, [parameters(workload), batch], async (g) => (await inner(g, g)) / batch.x.shape[0]);
}

/** Computes the same result again and again. */
function repeated<Inputs extends (Arrays | Batch)[]>(
  program: (...inputs: Inputs) => Arrays,
  inputs: Inputs,
  value: (result: Arrays) => Promise<number>,
): Loaded {
  const compiled = jit(program);
  let result: Arrays | undefined;
  return {
    async run(count) {
      for (let i = 0; i < count; i++) {
        tree.dispose(result);
        result = compiled(...(tree.ref(inputs) as never)) as Arrays;
        await blockUntilReady(result);
      }
    },
    check: () => value(result as Arrays),
    dispose() {
      tree.dispose(inputs);
      tree.dispose(result);
      compiled.dispose();
    },
  };
}
