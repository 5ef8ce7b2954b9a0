import { numpy as np } from '@jax-js/jax';
import type { Arrays, JaxArray } from './arrays.ts';

/** An optimizer's rule for one matrix, as Optax has it: an update to add, and the next state. */
export interface Rule {
  init(w: JaxArray): Arrays;
  /** `t` counts from 1. Consumes its arguments. */
  step(w: JaxArray, g: JaxArray, state: Arrays, t: JaxArray): { w: JaxArray; state: Arrays };
}

const momentum: Rule = {
  init: (w) => ({ m: np.zerosLike(w) }),
  step(w, g, state, t) {
    t.dispose();
    const m = state.m.mul(0.9).add(g);
    return { w: w.sub(m.ref.mul(0.01)), state: { m } };
  },
};

const adamw: Rule = {
  init: (w) => ({ m: np.zerosLike(w.ref), v: np.zerosLike(w) }),
  step(w, g, state, t) {
    const m = state.m.mul(0.9).add(g.ref.mul(0.1));
    const v = state.v.mul(0.999).add(np.square(g).mul(0.001));
    const mhat = m.ref.div(unbiased(0.9, t.ref));
    const vhat = v.ref.div(unbiased(0.999, t));
    const direction = mhat.div(np.sqrt(vhat).add(1e-8)).add(w.ref.mul(0.01));
    return { w: w.sub(direction.mul(1e-3)), state: { m, v } };
  },
};

const lion: Rule = {
  init: (w) => ({ m: np.zerosLike(w) }),
  step(w, g, state, t) {
    t.dispose();
    const sign = np.sign(state.m.ref.mul(0.9).add(g.ref.mul(0.1)));
    const m = state.m.mul(0.99).add(g.mul(0.01));
    return { w: w.ref.sub(sign.add(w.mul(0.01)).mul(1e-4)), state: { m } };
  },
};

const adafactor: Rule = {
  init: ({ shape: [rows, columns] }) => ({ r: np.zeros([rows, 1]), c: np.zeros([1, columns]) }),
  step(w, g, state, t) {
    const beta2 = np.subtract(1, np.power(t, -0.8));
    const squares = np.square(g.ref).add(1e-30);
    const average = (old: JaxArray, now: JaxArray): JaxArray => old.sub(now.ref).mul(beta2.ref).add(now);
    const r = average(state.r, squares.ref.mean(1, { keepdims: true }));
    const c = average(state.c, squares.mean(0, { keepdims: true }));
    beta2.dispose();
    const u = g.mul(rsqrt(r.ref.div(r.ref.mean()))).mul(rsqrt(c.ref));
    const clip = np.maximum(1, np.sqrt(np.square(u.ref).mean()));
    return { w: w.sub(u.div(clip).mul(1e-3)), state: { r, c } };
  },
};

const muon: Rule = {
  init: (w) => ({ m: np.zerosLike(w) }),
  step(w, g, state, t) {
    t.dispose();
    const [rows, columns] = w.shape;
    const m = state.m.mul(0.95).add(g.ref);
    const u = g.add(m.ref.mul(0.95));
    const direction = rows > columns ? orthogonalized(u.transpose()).transpose() : orthogonalized(u);
    return { w: w.sub(direction.mul(0.02 * Math.sqrt(Math.max(1, rows / columns)))), state: { m } };
  },
};

/** Of Shampoo's accumulators at the start. */
const epsilon = 1e-4;

const shampoo: Rule = {
  init: ({ shape: [rows, columns] }) => ({ l: np.eye(rows).mul(epsilon), r: np.eye(columns).mul(epsilon) }),
  step(w, g, state, t) {
    t.dispose();
    const l = state.l.add(np.matmul(g.ref, g.ref.transpose()));
    const r = state.r.add(np.matmul(g.ref.transpose(), g.ref));
    const direction = np.matmul(np.matmul(inverseFourthRoot(l.ref), g), inverseFourthRoot(r.ref));
    return { w: w.sub(direction.mul(0.01)), state: { l, r } };
  },
};

/** In the order of `updateMethods`. */
export const rules: readonly Rule[] = [momentum, adamw, lion, adafactor, muon, shampoo];

/** 1 - beta^t */
function unbiased(beta: number, t: JaxArray): JaxArray {
  return np.subtract(1, np.power(beta, t));
}

function rsqrt(x: JaxArray): JaxArray {
  return np.reciprocal(np.sqrt(x));
}

/** Five Newton-Schulz steps towards the nearest orthogonal matrix. */
function orthogonalized(u: JaxArray): JaxArray {
  let x = u.ref.div(np.sqrt(np.square(u).sum()).add(1e-7));
  for (let k = 0; k < 5; k++) {
    const a = np.matmul(x.ref, x.ref.transpose());
    const b = a.ref.mul(-4.775).add(np.matmul(a.ref, a).mul(2.0315));
    x = x.ref.mul(3.4445).add(np.matmul(b, x));
  }
  return x;
}

/** a^(-1/4) of a symmetric matrix whose eigenvalues are at least epsilon but for rounding. */
function inverseFourthRoot(a: JaxArray): JaxArray {
  const [values, vectors] = np.linalg.eigh(a);
  const roots = np.sqrt(rsqrt(np.maximum(values, epsilon)));
  return np.matmul(vectors.ref.mul(roots), vectors.transpose());
}
