import { describe, expect, test } from 'vitest';
import { evaluate } from '../../runtime/reference/index.ts';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, lossWithGradient, type Setup, trajectory, w0 } from '../../testing/trajectory.ts';
import { adam } from '../adaptive/adam.ts';
import { sgd } from '../first-order/sgd.ts';
import { signsgd } from '../first-order/signsgd.ts';
import { signum } from '../first-order/signum.ts';
import type { Optimizer } from '../optimizer.ts';
import { muon } from './muon.ts';
import { polar } from './polar.ts';
import { scion } from './scion.ts';
import { shampoo } from './shampoo.ts';
import { steepestDescent } from './steepest-descent.ts';

type Values = Parameters<typeof steepestDescent>[0];
const all = (norm: 'max' | 'frobenius') => ({ matrix: norm, embedding: norm, head: norm, vector: norm }) as const;

/** One tensor of each kind. */
const model = {
  W: { shape: [2, 3], values: [1, 2, 3, 4, 5, 6.5], role: 'matrix' },
  kernel: { shape: [2, 1, 1, 2], values: [1, -2, 3, 0.5], role: 'kernel' },
  table: { shape: [3, 2], values: [3, 4, -6, 8, 0, 2], role: 'embedding' },
  head: { shape: [2, 2], values: [-1, 0.3, 2, 1], role: 'head' },
  b: { shape: [2], values: [1, -2], role: 'bias' },
  s: { shape: [], values: [1.5] },
} as const;
const modelSetup: Setup = {
  w0: model,
  loss: ({ w, t }) => w.flat.cast('float64').sub(t.mul(0.7).sin()).square().mul(0.3).sum(),
  steps: 4,
};
const commonSetup: Setup = { w0: asMatrix, loss: commonLoss, steps: 3 };

/** Both go the same way, and the paths are no accident: with another norm they part. */
async function same(values: Values, other: Optimizer, setup: Setup, swapped: Values, tolerance = { relative: 1e-12 }) {
  const ours = await trajectory(steepestDescent(values), setup);
  const theirs = await trajectory(other, setup);
  expectClose(ours.w, theirs.w, tolerance);
  const without = await trajectory(steepestDescent({ ...values, ...swapped }), setup);
  expect(() => expectClose(without.w, theirs.w, { relative: 1e-3 })).toThrow('relative error');
}

describe('what the anthology proves', () => {
  test('the norm of the largest entry: sign descent', () =>
    same({ lr: 0.1, size: 'unit', ...all('max') }, signsgd({ lr: 0.1 }), modelSetup, { matrix: 'frobenius' }));

  test('and with momentum: Signum', () =>
    same({ lr: 0.3, size: 'unit', momentum: 0.9, ...all('max') }, signum({ lr: 0.3 }), modelSetup, {
      head: 'spectral',
    }));

  test('Adam without averages and eps is that sign descent', () =>
    same({ lr: 0.1, size: 'unit', ...all('max') }, adam({ lr: 0.1, beta1: 0, beta2: 0, eps: 0 }), modelSetup, {
      vector: 'frobenius',
    }));

  test('the spectral norm: orthogonalised gradients, which one step of Shampoo takes', () =>
    same(
      { lr: 0.1, size: 'unit', matrix: 'spectral' },
      shampoo({ lr: 0.1, eps: 1e-15 }),
      { ...commonSetup, steps: 1 },
      { matrix: 'column' },
      { relative: 1e-9 },
    ));

  test.each([
    ['exact', {}],
    ['newton-schulz', { steps: 3 }],
  ] as const)('with momentum it is Muon without Nesterov, %s', (orthogonalize, more) => {
    const muonValues = { lr: 0.1, orthogonalize, nesterov: false, scale: 'none', ...more } as const;
    const values = { lr: 0.1, size: 'unit', matrix: 'spectral', orthogonalize, momentum: 0.95, ...more } as const;
    return same(values, muon(muonValues), commonSetup, { matrix: 'frobenius' });
  });

  test('RMS -> RMS, l1 -> RMS and signs: Scion without constraint', () =>
    same(
      {
        ...{ lr: 0.1, size: 'unit', momentum: 0.9, matrix: 'rms', embedding: 'column-rms', head: 'max' },
        ...{ headScale: 2, vector: 'column-rms', orthogonalize: 'newton-schulz' },
      },
      scion({
        ...{ lr: 0.1, unconstrained: true, radius: 1, embeddingRadius: 1, headRadius: 1, vectorRadius: 1 },
      }),
      { ...modelSetup, w0: { ...model, kernel: { ...model.kernel, shape: [2, 2, 1, 1] } } },
      { embedding: 'row-rms' },
      { relative: 1e-6 },
    ));

  test('the Frobenius norm: gradient descent, and normalised gradient descent', async () => {
    const values = { lr: 0.1, across: 'euclidean', ...all('frobenius') } as const;
    await same(values, sgd({ lr: 0.1 }), modelSetup, { across: 'max' });
    const { w } = await trajectory(steepestDescent({ ...values, size: 'unit' }), { ...commonSetup, steps: 1 });
    const g = w0.map((x, i) => 0.5 * x + [0.1, -0.2, 0.3, -0.4][i] * Math.cos(1));
    const length = Math.hypot(...g);
    expectClose(
      w[0],
      w0.map((x, i) => x - (0.1 * g[i]) / length),
      { relative: 1e-13 },
    );
  });

  test('Prodigy without averages: the largest entry, and a step size that escapes from a tiny guess', async () => {
    const { w, state } = await trajectory(steepestDescent({ lr: 0.01, size: 'escape', vector: 'max' }), {
      w0,
      loss: commonLoss,
      steps: 3,
    });
    expectClose(w, golden('0.99, -1.99, 2.99, 0.49 | 0.98, -1.98, 2.98, 0.48 | 0.97, -1.97, 2.97, 0.47'));
    expectClose(
      state.map((one) => one['state.start.eta'][0]),
      [0.01, 0.01, 0.01, 0.02],
    );
  });
});

describe('one norm from the norms of the layers', () => {
  const G = [3, -4, 0, 5, 1, 2, 2];
  const layers = {
    A: { shape: [2, 2], values: [0, 0, 0, 0], role: 'matrix' },
    B: { shape: [1, 3], values: [0, 0, 0], role: 'matrix' },
  } as const;
  const stepOf = async (values: Values) => {
    const loss = lossWithGradient(() => constant(G));
    const { w } = await trajectory(steepestDescent({ lr: 0.5, ...values }), { w0: layers, loss, steps: 1 });
    return w[0];
  };

  test('golden: the largest, sharpness 2, one step size for both layers', async () => {
    expectClose(
      await stepOf({ matrix: 'max' }),
      [1, -1, 0, 1, 1, 1, 1].map((x) => -8.5 * x),
    );
    const [U, u] = [[0.894427191, -0.4472135955, 0.4472135955, 0.894427191], [1 / 3, 2 / 3, 2 / 3]]; // biome-ignore format: one line
    expectClose(
      await stepOf({ matrix: 'spectral' }),
      [...U, ...u].map((x) => -5.972135955 * x),
    );
  });

  test('a scale s divides the share of a layer in the dual norm, and its direction', async () => {
    const mixed = { A: { ...layers.A }, B: { ...layers.B, role: 'head' } } as const;
    const loss = lossWithGradient(() => constant(G));
    const values = { lr: 0.5, matrix: 'max', head: 'max', headScale: 4 } as const;
    const { w } = await trajectory(steepestDescent(values), { w0: mixed, loss, steps: 1 });
    const eta = 0.5 * (12 + 5 / 4);
    expectClose(
      w[0],
      [1, -1, 0, 1, 1 / 4, 1 / 4, 1 / 4].map((x) => -eta * x),
    );
  });

  test('euclidean: every layer by itself, 1 / (sharpness s^2) of its own dual norm', async () => {
    expectClose(await stepOf({ matrix: 'max', across: 'euclidean', matrixScale: 2 }), [
      ...[1, -1, 0, 1].map((x) => (-12 / 8) * x),
      ...[1, 1, 1].map((x) => (-5 / 8) * x),
    ]);
  });
});

test('embeddings are normalised token by token, matrices by columns, kernels behind their outputs', async () => {
  const values = { lr: 1, size: 'unit', matrix: 'column', embedding: 'column', vector: 'frobenius' } as const;
  const loss = lossWithGradient(({ w }) => w.flat);
  const { w } = await trajectory(steepestDescent({ ...values, head: 'spectral' }), { ...modelSetup, loss, steps: 1 });
  const start = Object.values(model).flatMap((leaf) => [...leaf.values]);
  const moved = start.map((x, i) => x - w[0][i]);
  const column = (a: number, b: number) => [a / Math.hypot(a, b), b / Math.hypot(a, b)];
  const [a, b, c] = [column(1, 4), column(2, 5), column(3, 6.5)];
  expectClose(moved.slice(0, 6), [a[0], b[0], c[0], a[1], b[1], c[1]]);
  expectClose(moved.slice(6, 10), [1 / Math.sqrt(10), -2 / Math.sqrt(4.25), 3 / Math.sqrt(10), 0.5 / Math.sqrt(4.25)]);
  expectClose(moved.slice(10, 16), [0.6, 0.8, -0.6, 0.8, 0, 1]);
  const head = polar(constant([...model.head.values], { shape: [2, 2], dtype: 'float64' }));
  expectClose(moved.slice(16, 20), [...evaluate([head])[0].data]);
  expectClose(moved.slice(20), [1 / Math.sqrt(5), -2 / Math.sqrt(5), 1]);
});

test('keeps nothing, one float with momentum, two when it escapes too; asks for one gradient', async () => {
  const plain = await trajectory(steepestDescent(), commonSetup);
  expect(plain.statePerParameter).toBe(0);
  expect(plain.calls[0]).toEqual({ loss: 0, gradient: 1, hessianVector: 0, perExample: 0 });
  expect((await trajectory(steepestDescent({ momentum: 0.9 }), commonSetup)).statePerParameter).toBe(1);
  const escaping = await trajectory(steepestDescent({ momentum: 0.9, size: 'escape' }), commonSetup);
  expect(escaping.statePerParameter).toBe(2 + 1 / 4);
});

test.each(['dual', 'unit', 'escape'] as const)('%s: gradients of zero move nothing', async (size) => {
  for (const across of ['max', 'euclidean'] as const) {
    const optimizer = steepestDescent({ size, across, momentum: 0.5 });
    const { w } = await trajectory(optimizer, { ...modelSetup, loss: ({ w: x }) => x.flat.mul(0).sum() });
    expect(w[3]).toEqual(Object.values(model).flatMap((leaf) => [...leaf.values]));
  }
});

test('refuses a norm that there is not', () => {
  expect(() => steepestDescent().with({ head: 'nuclear' })).toThrow(
    'steepest-descent: head is nuclear; it must be one',
  );
});
