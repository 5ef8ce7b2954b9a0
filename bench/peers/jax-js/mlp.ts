import type { Arrays, JaxArray } from './arrays.ts';
import { type Batch, crossEntropy, linear, relu } from './layers.ts';

/** The loss of a multi-layer perceptron. */
export function mlp(w: Arrays, { x, targets }: Batch): JaxArray {
  return crossEntropy(logits(w, x, linear), targets);
}

/** The loss for one example alone. Products are written as sums: `vmap` makes of the library's own products slow ones. */
export function mlpOfOne(w: Arrays, { x, targets }: Batch): JaxArray {
  const row = (w: Arrays, name: string, x: JaxArray): JaxArray =>
    w[`${name}.weight`].mul(x).sum(1).add(w[`${name}.bias`]);
  return crossEntropy(logits(w, x, row), targets);
}

function logits(w: Arrays, x: JaxArray, layer: typeof linear): JaxArray {
  const layers = Object.keys(w).length / 2;
  let h = layer(w, 'fc1', x);
  for (let k = 2; k <= layers; k++) h = layer(w, `fc${k}`, relu(h));
  return h;
}
