import * as tf from '@tensorflow/tfjs';
import { type Batch, crossEntropy, type Loss, linear, matMul } from './layers.ts';
import type { Tensors } from './tensors.ts';

/** The loss of the LSTM language model, unrolled; tokens are one-hot, [B, T, V]. */
export function lstm(w: Tensors, { x: tokens, targets }: Batch): tf.Scalar {
  const batch = tokens.shape[0];
  const hidden = w['lstm.weightHidden'].shape[0];
  const timeMajor = embedded(w['embedding.weight'], tokens.transpose([1, 0, 2]));
  const fromInput = linear({ 'input.weight': w['lstm.weightInput'], 'input.bias': w['lstm.bias'] }, 'input', timeMajor);
  let h: tf.Tensor = tf.zeros([batch, hidden]);
  let c: tf.Tensor = tf.zeros([batch, hidden]);
  const outputs: tf.Tensor[] = [];
  for (const input of fromInput.unstack()) {
    const gates = input.add(matMul(h, w['lstm.weightHidden']));
    const [i, f, g, o] = gates.split(4, 1);
    c = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
    h = o.sigmoid().mul(c.tanh());
    outputs.push(h);
  }
  return crossEntropy(linear(w, 'head', tf.stack(outputs, 1)), targets);
}

/** The loss of the GPT with this many attention heads; tokens are one-hot, [B, T, V]. */
export function gpt(heads: number): Loss {
  return (w, { x: tokens, targets }) => {
    const [batch, steps] = tokens.shape;
    const [, width = 0] = w['tokens.weight'].shape;
    const split = (part: tf.Tensor): tf.Tensor =>
      part.reshape([batch, steps, heads, width / heads]).transpose([0, 2, 1, 3]);
    const norm = (name: string, h: tf.Tensor): tf.Tensor => layerNorm(h, w[`${name}.scale`], w[`${name}.shift`]);
    const mask = causalMask(steps);
    let h = embedded(w['tokens.weight'], tokens).add(w.positions);
    for (let k = 0; `block${k}.qkv.weight` in w; k++) {
      const parts = linear(w, `block${k}.qkv`, norm(`block${k}.norm1`, h)).split(3, 2);
      const [q, keys, v] = parts.map(split);
      const scores = tf.matMul(q, keys, false, true).mul(Math.sqrt(heads / width));
      const mixed = tf.matMul(tf.softmax(scores.add(mask)), v);
      h = h.add(linear(w, `block${k}.out`, mixed.transpose([0, 2, 1, 3]).reshape([batch, steps, width])));
      const up = linear(w, `block${k}.up`, norm(`block${k}.norm2`, h));
      h = h.add(linear(w, `block${k}.down`, gelu(up)));
    }
    return crossEntropy(linear(w, 'head', norm('norm', h)), targets);
  };
}

/** Rows of the table. A product with one-hot tokens: the gradient of `gather` has no kernel on wasm and is slower on cpu. */
function embedded(table: tf.Tensor, oneHot: tf.Tensor): tf.Tensor {
  const [vocabulary, width = 0] = table.shape;
  return matMul(oneHot.reshape([-1, vocabulary]), table).reshape([...oneHot.shape.slice(0, -1), width]);
}

/** 0 where a position may look, -1e9 where it may not. */
function causalMask(steps: number): tf.Tensor {
  const allowed = tf.linalg.bandPart(tf.ones([steps, steps]), -1, 0);
  return allowed.sub(1).mul(1e9);
}

function layerNorm(x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, -1, true);
  return x.sub(mean).mul(variance.add(1e-5).rsqrt()).mul(scale).add(shift);
}

function gelu(x: tf.Tensor): tf.Tensor {
  return x.mul(0.5).mul(tf.erf(x.mul(Math.SQRT1_2)).add(1));
}
