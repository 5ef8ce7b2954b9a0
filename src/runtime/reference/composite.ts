import type { CompositeName } from '../../tensor/attrs.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { TypedArray } from '../engine.ts';
import { broadcast, generate, type Rule, type Rules, zeros } from './array.ts';
import { checkIndices } from './index-ops.ts';
import { erfc } from './special.ts';

/** Applies a function to every row of the last axis; it writes its row of the result. */
const rowWise =
  (f: (row: TypedArray, result: TypedArray) => void): Rule<'softmax' | 'logSoftmax'> =>
  ([x], _, node) => {
    const result = zeros(node);
    const n = x.shape[x.shape.length - 1];
    for (let at = 0; at < x.data.length; at += n) f(x.data.subarray(at, at + n), result.data.subarray(at, at + n));
    return result;
  };

/** The largest entry and log(sum(exp(row - largest))): what every softmax form is made of. */
function logSumExp(row: TypedArray): { top: number; rest: number } {
  let top = Number.NEGATIVE_INFINITY;
  for (const x of row) top = Math.max(top, x);
  let sum = 0;
  for (const x of row) sum += Math.exp(x - top);
  return { top, rest: Math.log(sum) };
}

const crossEntropy: Rule<'crossEntropy'> = ([logits, labels], _, node) => {
  const n = logits.shape[logits.shape.length - 1];
  checkIndices('crossEntropy', labels, n);
  return generate(node, (i) => {
    const row = logits.data.subarray(i * n, (i + 1) * n);
    const { top, rest } = logSumExp(row);
    return top - row[labels.data[i]] + rest;
  });
};

/** Mean and variance (divided by n) in two passes. */
function moments(row: TypedArray): { mean: number; variance: number } {
  let mean = 0;
  for (const x of row) mean += x / row.length;
  let variance = 0;
  for (const x of row) variance += (x - mean) ** 2 / row.length;
  return { mean, variance };
}

const layerNorm: Rule<'layerNorm'> = ([x, gain, bias], { epsilon }, node) => {
  const n = x.shape[x.shape.length - 1];
  const result = zeros(node);
  for (let at = 0; at < x.data.length; at += n) {
    const { mean, variance } = moments(x.data.subarray(at, at + n));
    const scale = 1 / Math.sqrt(variance + epsilon);
    for (let i = 0; i < n; i++) result.data[at + i] = (x.data[at + i] - mean) * scale * gain.data[i] + bias.data[i];
  }
  return result;
};

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Example by example, unit by unit. */
const lstm: Rule<'lstm'> = ([ofInput, weight], _, node) => {
  const result = zeros(node);
  const [steps, n, hidden] = node.shape.slice(-3);
  const leading = node.shape.slice(0, -3);
  const weights = broadcast(weight, [...leading, 4 * hidden, hidden]).data;
  for (let lane = 0; lane < sizeOf(leading); lane++) {
    const w = weights.subarray(lane * 4 * hidden * hidden);
    for (let example = 0; example < n; example++) {
      let h = new Float64Array(hidden);
      const c = new Float64Array(hidden);
      for (let t = 0; t < steps; t++) {
        const row = (lane * steps + t) * n + example;
        const before = h;
        const gate = (k: number): number =>
          before.reduce((sum, x, j) => sum + x * w[k * hidden + j], ofInput.data[row * 4 * hidden + k]);
        h = before.map((_, j) => {
          const [i, f, g, o] = [gate(j), gate(hidden + j), gate(2 * hidden + j), gate(3 * hidden + j)];
          c[j] = sigmoid(f) * c[j] + sigmoid(i) * Math.tanh(g);
          return sigmoid(o) * Math.tanh(c[j]);
        });
        result.data.set(h, row * hidden);
      }
    }
  }
  return result;
};

/** Direct formulas, on purpose not those of `expand.ts`: the two check each other. */
export const composite: Rules<CompositeName> = {
  softmax: rowWise((row, result) => {
    const { top, rest } = logSumExp(row);
    row.forEach((x, i) => {
      result[i] = Math.exp(x - top - rest);
    });
  }),
  logSoftmax: rowWise((row, result) => {
    const { top, rest } = logSumExp(row);
    row.forEach((x, i) => {
      result[i] = x - top - rest;
    });
  }),
  crossEntropy,
  layerNorm,
  lstm,
  inverseStd: ([x], { epsilon }, node) => {
    const n = x.shape[x.shape.length - 1];
    return generate(node, (i) => 1 / Math.sqrt(moments(x.data.subarray(i * n, (i + 1) * n)).variance + epsilon));
  },
  // Phi(x) = erfc(-x / sqrt 2) / 2, which keeps its relative accuracy far to the left.
  gelu: ([x], _, node) => generate(node, (i) => (x.data[i] * erfc(-x.data[i] * Math.SQRT1_2)) / 2),
};
