import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { constant } from '../tensor/functions.ts';
import { expectClose } from '../testing/close.ts';
import { drivenTrajectory, type LossPoint, trajectory } from '../testing/trajectory.ts';
import { getOptimizer } from './registry.ts';

interface Fixture {
  readonly problem: {
    readonly X: number[][];
    readonly Y: number[][];
    readonly start: Readonly<Record<'W' | 'b' | 's', number[]>>;
  };
  readonly runs: Readonly<Record<string, { readonly w: number[][]; readonly evaluation?: number[][] }>>;
}
const path = new URL('../../tests/fixtures/optim/trajectories.json', import.meta.url);
const { problem, runs } = JSON.parse(readFileSync(path, 'utf8')) as Fixture;

const X = constant(problem.X, { dtype: 'float64' });
const Y = constant(problem.Y, { dtype: 'float64' });
const loss = ({ w }: LossPoint) => {
  const [W, b, s] = w.leaves.map((leaf) => leaf.cast('float64'));
  return X.matmul(W).add(b).tanh().mul(s).sub(Y).square().mean();
};
const w0 = {
  W: { shape: [3, 2], values: problem.start.W, role: 'matrix' },
  b: { shape: [2], values: problem.start.b },
  s: { shape: [], values: problem.start.s },
} as const;

/** The same method by our name and hyperparameters. */
const ours: Record<string, [name: string, values: Record<string, unknown>]> = {
  sgd: ['sgd', { lr: 0.1 }],
  'sgd momentum': ['sgd', { lr: 0.1, momentum: 0.9, dampening: 0.3, weightDecay: 0.01 }],
  'sgd nesterov': ['sgd', { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01 }],
  adam: ['adam', { lr: 0.05, beta1: 0.8, beta2: 0.99, weightDecay: 0.01 }],
  adamw: ['adamw', { lr: 0.05, beta1: 0.8, beta2: 0.99, weightDecay: 0.1 }],
  lbfgs: ['lbfgs', { maxIter: 1, history: 5 }],
  'lbfgs fixed': ['lbfgs', { lr: 0.1, maxIter: 3, maxEval: 3, history: 5, lineSearch: 'none' }],
  'schedule-free-sgd': ['schedule-free-sgd', { lr: 0.5, beta: 0.9, warmupSteps: 5, weightDecay: 0.01 }],
  'schedule-free-adamw': [
    'schedule-free-adamw',
    { lr: 0.05, beta1: 0.9, beta2: 0.99, warmupSteps: 5, weightDecay: 0.1 },
  ],
  lion: ['lion', { lr: 0.01, beta1: 0.9, beta2: 0.99, weightDecay: 0.1 }],
  signsgd: ['signsgd', { lr: 0.01 }],
  signum: ['signum', { lr: 0.01, momentum: 0.9 }],
  'sam(sgd)': ['sam(sgd)', { rho: 0.05, lr: 0.1, momentum: 0.9 }],
  'clip(adam)': ['clip(adam)', { maxNorm: 0.1, lr: 0.05 }],
  muon: ['muon', { lr: 0.05, nesterov: false, scale: 'none', adamLr: 0.05 }],
  adafactor: ['adafactor', { lr: 0.5 }],
  'adafactor momentum': ['adafactor', { lr: 0.05, relativeStep: false, decay: 0.6, clip: 0.5, momentum: 0.9 }],
};

// L-BFGS magnifies rounding: a relative change of 1e-15 in w0 moves its late steps as far as PyTorch's and ours are apart (3e-7).
// Optax corrects the bias of Muon's momentum; in the direction this shows only through the eps of Newton-Schulz, 1e-7 of the gradient's size.
const tolerances: Record<string, { relative: number; absolute?: number }> = {
  lbfgs: { relative: 1e-6 },
  'lbfgs fixed': { relative: 1e-8 },
  muon: { relative: 1e-6, absolute: 1e-6 },
};

describe('fifty steps of PyTorch, Optax and Schedule-Free', () => {
  test('every fixture has a test', () => expect(Object.keys(runs)).toEqual(Object.keys(ours)));

  test.each(Object.keys(ours))('%s', async (name) => {
    const [id, values] = ours[name];
    const expected = runs[name];
    const tolerance = tolerances[name] ?? { relative: 1e-9 };
    const optimizer = getOptimizer(id, values);
    const setup = { w0, loss, steps: expected.w.length };
    if (optimizer.kind === 'driven') {
      const { w } = await drivenTrajectory(optimizer, setup);
      expectClose(w.slice(0, 30), expected.w.slice(0, 30), { relative: 1e-9 });
      expectClose(w, expected.w, tolerance);
      return;
    }
    const { w, evaluation } = await trajectory(optimizer, setup);
    expectClose(w, expected.w, tolerance);
    if (expected.evaluation) expectClose(evaluation, expected.evaluation, tolerance);
  });
});
