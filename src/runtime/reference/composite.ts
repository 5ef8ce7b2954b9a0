import type { CompositeName } from '../../tensor/attrs.ts';
import type { TypedArray } from '../engine.ts';
import { generate, type Rule, type Rules, zeros } from './array.ts';
import { attention } from './attention.ts';
import { checkIndices } from './index-ops.ts';
import { recurrences } from './recurrences.ts';
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
  ...recurrences,
  ...attention,
  inverseStd: ([x], { epsilon }, node) => {
    const n = x.shape[x.shape.length - 1];
    return generate(node, (i) => 1 / Math.sqrt(moments(x.data.subarray(i * n, (i + 1) * n)).variance + epsilon));
  },
  // Phi(x) = erfc(-x / sqrt 2) / 2, which keeps its relative accuracy far to the left.
  gelu: ([x], _, node) => generate(node, (i) => (x.data[i] * erfc(-x.data[i] * Math.SQRT1_2)) / 2),
};
