import { describe, test } from 'vitest';
import { fillRandom } from '../runtime/random.ts';
import { createRuntime } from '../runtime/runtime.ts';
import type { Role } from '../tensor/bundle.ts';
import { arange, constant, crossEntropy } from '../tensor/functions.ts';
import { brisk, needEigh } from '../testing/brisk.ts';
import { expectClose } from '../testing/close.ts';
import { type LossPoint, type Start, trajectory } from '../testing/trajectory.ts';
import { getOptimizer, methods } from './registry.ts';

const normal = (name: string, shape: readonly number[], scale: number): number[] => {
  const numbers = new Float64Array(shape.reduce((a, b) => a * b, 1));
  fillRandom(numbers, 'normal', { seed: 5, stream: name, step: 0 });
  // As float32 holds them, so that both engines begin at one point.
  return [...numbers].map((x) => Math.fround(x * scale));
};
const leaf = (name: string, shape: readonly number[], role: Role, scale: number): Start => ({
  shape,
  role,
  values: normal(name, shape, scale),
});

const X = constant(normal('x', [8, 6], 1), { shape: [8, 6] });
const labels = arange(8);
const w0 = {
  W1: leaf('W1', [5, 6], 'matrix', 0.5),
  b1: leaf('b1', [5], 'bias', 0.1),
  W2: leaf('W2', [4, 5], 'matrix', 0.5),
  gain: leaf('gain', [4], 'gain', 1),
  head: leaf('head', [8, 4], 'head', 0.5),
  b2: leaf('b2', [8], 'bias', 0.1),
};
/** A small perceptron; the second minibatch is half of the first. */
const logits = ({ w }: LossPoint) => {
  const { W1, b1, W2, gain, head, b2 } = w.toRecord();
  const inside = X.matmul(W1, { transposeB: true }).add(b1).tanh().matmul(W2, { transposeB: true }).mul(gain).tanh();
  return inside.matmul(head, { transposeB: true }).add(b2);
};
const loss = (point: LossPoint) => {
  const losses = crossEntropy(logits(point), labels);
  return point.batch === 0 ? losses.mean() : losses.sliceAxis(0, 0, 4).mean();
};

const composed = [
  'sam(sgd)',
  'one-cycle(adam)',
  'plateau(adam)',
  'polynomial(sgd)',
  'sgdr(sgd)',
  'cosine(ema(adamw))',
  'clip(sgd)',
  'accumulate(adam)',
  'decay-all(lion)',
  'mechanic(sgd)',
  'clip-agc(sgd)',
  'clip-rms(sgd)',
  'clip-tensor(sgd)',
  'flooding(sgd)',
  'gradient-noise(sgd)',
  'gradient-regularization(sgd)',
  'grades(adam)',
  'lookahead(sgd)',
  'mesa(sgd)',
  'weight-conditioning(adamw)',
  'xgrad(adam)',
  'aswa(sgd)',
  'lawa(sgd)',
  'naswa(sgd)',
  'nt-asgd(sgd)',
  'polyak(adam)',
  'sema(sgd)',
  'swa(sgd)',
  'swa-rate(sgd)',
  'swad(sgd)',
];
describe.each(['wasm', 'onnx', 'auto'] as const)('engine %s agrees with the reference after three steps', (engine) => {
  const runtime = createRuntime({ engine, threads: 1 });
  const names = [...methods.map(({ id }) => id).filter((id) => id !== 'lbfgs'), ...composed];
  test.each(names.filter((name) => engine !== 'onnx' || !needEigh.includes(name)))('%s', async (name) => {
    const optimizer = getOptimizer(name, brisk[name]);
    if (optimizer.kind === 'driven') return;
    const expected = await trajectory(optimizer, { w0, loss, logits, steps: 3 });
    const actual = await trajectory(optimizer, { w0, loss, logits, steps: 3, engine: runtime.engine });
    const tolerance = { relative: 1e-6, absolute: 2e-6 };
    expectClose(actual.w, expected.w, tolerance);
    expectClose(actual.evaluation, expected.evaluation, tolerance);
  });
});
