import { nn, numpy as np } from '@jax-js/jax';
import type { Arrays, JaxArray } from './arrays.ts';
import { type Batch, crossEntropy, type Loss, linear } from './layers.ts';

// Rows of an embedding are a product with one-hot tokens: the gradient of `np.take` cannot be compiled ("routine primitive scatter
// input is not imm").

/** The loss of the LSTM language model; tokens are one-hot, [B, T, V]. The recurrence is unrolled: the library has no scan. */
export function lstm(w: Arrays, { x: tokens, targets }: Batch): JaxArray {
  const [batch, steps] = tokens.shape;
  const hidden = w['lstm.weightHidden'].shape[1];
  const embedded = np.matmul(tokens.transpose([1, 0, 2]), w['embedding.weight']);
  const fromInput = np.matmul(embedded, w['lstm.weightInput'].transpose()).add(w['lstm.bias']);
  const recurrent = w['lstm.weightHidden'].transpose();
  let h = np.zeros([batch, hidden]);
  let c = np.zeros([batch, hidden]);
  const outputs: JaxArray[] = [];
  for (const input of np.split(fromInput, steps, 0)) {
    const gates = input.reshape([batch, 4 * hidden]).add(np.matmul(h, recurrent.ref));
    const [i, f, g, o] = np.split(gates, 4, 1);
    c = nn
      .sigmoid(f)
      .mul(c)
      .add(nn.sigmoid(i).mul(np.tanh(g)));
    h = nn.sigmoid(o).mul(np.tanh(c.ref));
    outputs.push(h.ref);
  }
  for (const rest of [recurrent, h, c]) rest.dispose();
  return crossEntropy(linear(w, 'head', np.stack(outputs, 1)), targets);
}

/** The loss of the GPT with this many attention heads; tokens are one-hot, [B, T, V]. */
export function gpt(heads: number): Loss {
  return (w, { x: tokens, targets }) => {
    const [batch, steps] = tokens.shape;
    const width = w['tokens.weight'].shape[1];
    const norm = (name: string, h: JaxArray): JaxArray =>
      nn.standardize(h, -1).mul(w[`${name}.scale`]).add(w[`${name}.shift`]);
    let h = np.matmul(tokens, w['tokens.weight']).add(w.positions);
    for (let k = 0; `block${k}.qkv.weight` in w; k++) {
      const parts = np.split(linear(w, `block${k}.qkv`, norm(`block${k}.norm1`, h.ref)), 3, 2);
      const [q, keys, v] = parts.map((part) => part.reshape([batch, steps, heads, width / heads]));
      const mixed = nn.dotProductAttention(q, keys, v, { isCausal: true }).reshape([batch, steps, width]);
      h = h.add(linear(w, `block${k}.out`, mixed));
      const up = linear(w, `block${k}.up`, norm(`block${k}.norm2`, h.ref));
      h = h.add(linear(w, `block${k}.down`, nn.gelu(up, { approximate: false })));
    }
    return crossEntropy(linear(w, 'head', norm('norm', h)), targets);
  };
}
