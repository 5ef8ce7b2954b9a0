import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import type { Contender, MlpData } from '../data.ts';

type Array = np.Array;
type Params = { w: Array[]; b: Array[] };

/** @jax-js/jax on its wasm backend: one jitted function for loss, gradients and update. */
export async function jaxMlp({ sizes, batch, weights, x, labels, lr }: MlpData): Promise<Contender> {
  await init('wasm');
  defaultDevice('wasm');
  const classes = sizes[sizes.length - 1];
  const input = np.array(x).reshape([batch, sizes[0]]);
  const targets = nn.oneHot(np.array(labels), classes);
  let params: Params = {
    w: weights.map((w, i) => np.array(w).reshape([sizes[i], sizes[i + 1]])),
    b: sizes.slice(1).map((n) => np.zeros([n])),
  };
  const lossOf = (p: Params, xs: Array, ys: Array): Array => {
    let h = xs;
    p.w.forEach((w, i) => {
      h = np.matmul(h, w).add(p.b[i]);
      if (i < p.w.length - 1) h = nn.relu(h);
    });
    return nn
      .logSoftmax(h)
      .mul(ys)
      .sum()
      .mul(-1 / batch);
  };
  const stepOnce = jit((p: Params, xs: Array, ys: Array) => {
    const [value, grads] = valueAndGrad(lossOf)(tree.ref(p), xs, ys);
    const next = tree.map((a: Array, g: Array) => a.sub(g.mul(lr)), p, grads) as Params;
    return [value, next] as const;
  });
  let last: Array | undefined;
  return {
    peer: '@jax-js/jax (wasm)',
    async step() {
      const [value, next] = stepOnce(params, input.ref, targets.ref) as unknown as [Array, Params];
      params = next;
      last?.dispose();
      last = value;
      await blockUntilReady(params.w[0].ref);
    },
    loss: async () => (await (last as Array).ref.data())[0],
  };
}
