/**
 * A race on a task, a model, a loss and an optimizer of your own:
 *
 *   npx thalweg race examples/races/own-task.ts
 *
 * Every process that trains loads this file, so it must say the same each time: no Math.random(), no clock.
 */
import { defineOptimizer, defineRace, defineTask, ema, log, nn, positive, type Tensor, unit, zerosLike } from 'thalweg';

/** Points on a noisy wave: the noise is a function of the index. */
const n = 512;
const x = Float32Array.from({ length: n }, (_, i) => (2 * i) / n - 1);
const y = x.map((at, i) => Math.sin(5 * at) + 0.1 * Math.sin(1e4 * i * i));

/** A perceptron beside a straight line: the line learns the trend, the perceptron the rest. */
const model = nn.compose(
  { line: nn.dense(1, 1), curve: nn.mlp([1, 24, 24, 1], { activation: 'tanh' }) },
  (parts, input) => parts.line(input).add(parts.curve(input)),
);

/** Huber's loss: quadratic near 0, linear beyond delta, so that outliers pull with bounded force. */
function huber(prediction: Tensor, wanted: Tensor, delta = 0.5): Tensor {
  const error = prediction.sub(wanted).abs();
  const near = error.minimum(delta);
  return near.square().mul(0.5).add(error.sub(near).mul(delta)).mean();
}

export const wave = defineTask({
  id: 'wave',
  summary: 'A noisy wave, with a robust loss',
  model,
  data: { x: { data: x, shape: [1] }, y: { data: y, shape: [1] } },
  loss: (output, batch) => huber(output, batch.y),
  metrics: (output, batch) => ({ distance: output.sub(batch.y).abs().mean() }),
  batchSize: 64,
  steps: 400,
  target: { metric: 'distance', value: 0.1 },
});

/** Momentum whose step has the length lr, however small the gradient. */
export const normalizedMomentum = defineOptimizer({
  id: 'normalized-momentum',
  summary: 'momentum with a step of fixed length',
  source: 'Cutkosky & Mehta 2020, arXiv:2002.03305, Algorithm 1',
  hyper: { lr: positive(0.1, { tune: log(1e-3, 1) }), beta: unit(0.9) },
  init: (w) => ({ m: zerosLike(w) }),
  step({ w, state, oracle, hyper: { lr, beta } }) {
    const m = ema(state.m, oracle.grad(w), beta);
    return { w: w.sub(m.mul(lr.div(m.norm().add(1e-12)))), state: { m } };
  },
});

export default defineRace({
  name: 'a wave of our own',
  tasks: [wave],
  competitors: [
    'adamw',
    // By its name, also within a wrapper; or as an object, with values of its own.
    'normalized-momentum',
    'cautious(normalized-momentum)',
    { label: 'slow', optimizer: normalizedMomentum({ beta: 0.99 }) },
  ],
  protocol: { kind: 'equal-budget', tuner: { kind: 'quasi-random', trials: 8 } },
  seeds: 3,
});
