import * as tf from '@tensorflow/tfjs';
import { Unsupported } from '../peer.ts';

/** An optimizer's rule for one matrix: from its gradient and the step (from 1) to the next parameters and state. */
export interface Rule {
  init(w: tf.Tensor): tf.Tensor[];
  step(w: tf.Tensor, g: tf.Tensor, state: tf.Tensor[], t: number): [w: tf.Tensor, state: tf.Tensor[]];
}

const momentum: Rule = {
  init: (w) => [tf.zerosLike(w)],
  step(w, g, [old]) {
    const m = old.mul(0.9).add(g);
    return [w.sub(m.mul(0.01)), [m]];
  },
};

const adamw: Rule = {
  init: (w) => [tf.zerosLike(w), tf.zerosLike(w)],
  step(w, g, [oldM, oldV], t) {
    const m = oldM.mul(0.9).add(g.mul(0.1));
    const v = oldV.mul(0.999).add(g.square().mul(0.001));
    const mhat = m.div(1 - 0.9 ** t);
    const vhat = v.div(1 - 0.999 ** t);
    const direction = mhat.div(vhat.sqrt().add(1e-8)).add(w.mul(0.01));
    return [w.sub(direction.mul(1e-3)), [m, v]];
  },
};

const lion: Rule = {
  init: (w) => [tf.zerosLike(w)],
  step(w, g, [old]) {
    const sign = old.mul(0.9).add(g.mul(0.1)).sign();
    return [w.sub(sign.add(w.mul(0.01)).mul(1e-4)), [old.mul(0.99).add(g.mul(0.01))]];
  },
};

const adafactor: Rule = {
  init: ({ shape: [rows, columns = 1] }) => [tf.zeros([rows, 1]), tf.zeros([1, columns])],
  step(w, g, [oldR, oldC], t) {
    const beta2 = 1 - t ** -0.8;
    const squares = g.square().add(1e-30);
    const r = oldR.mul(beta2).add(squares.mean(1, true).mul(1 - beta2));
    const c = oldC.mul(beta2).add(squares.mean(0, true).mul(1 - beta2));
    const u = g.mul(r.div(r.mean()).rsqrt()).mul(c.rsqrt());
    const clip = u.square().mean().sqrt().maximum(1);
    return [w.sub(u.div(clip).mul(1e-3)), [r, c]];
  },
};

const muon: Rule = {
  init: (w) => [tf.zerosLike(w)],
  step(w, g, [old]) {
    const [rows, columns = 1] = w.shape;
    const m = old.mul(0.95).add(g);
    const u = g.add(m.mul(0.95));
    const direction = rows > columns ? orthogonalized(u.transpose()).transpose() : orthogonalized(u);
    return [w.sub(direction.mul(0.02 * Math.sqrt(Math.max(1, rows / columns)))), [m]];
  },
};

/** In the order of `updateMethods`. */
const rules: readonly (Rule | undefined)[] = [momentum, adamw, lion, adafactor, muon];

export function ruleOf(method: number): Rule {
  const rule = rules[method];
  if (!rule) throw new Unsupported('tf.linalg has no eigendecomposition');
  return rule;
}

/** Five Newton-Schulz steps towards the nearest orthogonal matrix. */
function orthogonalized(u: tf.Tensor): tf.Tensor {
  let x = u.div(u.square().sum().sqrt().add(1e-7));
  for (let k = 0; k < 5; k++) {
    // Transposed first: with the flag for it, the wasm backend would not multiply through XNNPACK.
    const a = tf.matMul(x, x.transpose());
    const b = a.mul(-4.775).add(tf.matMul(a, a).mul(2.0315));
    x = x.mul(3.4445).add(tf.matMul(b, x));
  }
  return x;
}
