import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, lossWithGradient, trajectory } from '../../testing/trajectory.ts';
import { scion } from './scion.ts';

const setup = { w0: asMatrix, loss: commonLoss, steps: 3 };

test.each([
  [
    'spectral, constrained',
    {},
    '0.878772058297, -1.7234682331, 2.61480575602, 0.43690482288 | 0.756774415941, -1.48405661258, 2.25152522992, 0.377602627241 | 0.646419888316, -1.27317559591, 1.91980423878, 0.310288803209',
  ],
  [
    'sign, unconstrained',
    { matrix: 'sign', unconstrained: true },
    '0.95, -1.95, 2.95, 0.45 | 0.9, -1.9, 2.9, 0.4 | 0.85, -1.85, 2.85, 0.35',
  ],
  [
    'column, unconstrained',
    { matrix: 'column', unconstrained: true },
    '0.95527864406, -1.8586447185, 2.86583593218, 0.495678045805 | 0.91055728665, -1.72116887421, 2.73167185995, 0.462505930179 | 0.86583592877, -1.5918484633, 2.59750778631, 0.405267576833',
  ],
] as const)('golden: %s', async (_, values, expected) => {
  const { w, statePerParameter } = await trajectory(scion({ lr: 0.1, radius: 1, ...values }), setup);
  expectClose(w, golden(expected));
  expect(statePerParameter).toBe(1);
});

describe('directions', () => {
  const model = {
    W: { shape: [4, 2], values: [1, 2, 3, 4, 5, 6.5, -1, 3], role: 'matrix' },
    kernel: { shape: [2, 1, 2, 2], values: [1, -2, 3, 0.5, 1, 1, 2, -1], role: 'kernel' },
    table: { shape: [3, 2], values: [3, 4, -6, 8, 5, 12], role: 'embedding' },
    head: { shape: [2, 4], values: [1, -2, 3, -4, 5, 6, -7, 8], role: 'head' },
    b: { shape: [2], values: [3, 4], role: 'bias' },
    s: { shape: [], values: [-2] },
  } as const;
  const moved = async (values: Parameters<typeof scion>[0]) => {
    const radii = { radius: 1, embeddingRadius: 1, headRadius: 1, vectorRadius: 1 };
    const optimizer = scion({ lr: 1, momentum: 0, unconstrained: true, orthogonalize: 'exact', ...radii, ...values });
    const loss = lossWithGradient(({ w }) => w.flat);
    const { w, statePerParameter } = await trajectory(optimizer, { w0: model, loss, steps: 1 });
    expect(statePerParameter).toBe(0);
    const start = Object.values(model).flatMap((leaf) => [...leaf.values]);
    const step = start.map((x, i) => x - w[0][i]);
    return {
      W: step.slice(0, 8),
      kernel: step.slice(8, 16),
      table: step.slice(16, 22),
      head: step.slice(22, 30),
      b: step.slice(30, 32),
      s: step.slice(32),
    };
  };
  const squares = (xs: readonly number[]) => xs.reduce((sum, x) => sum + x * x, 0);

  test('of every kind of tensor', async () => {
    const { W, kernel, table, head, b, s } = await moved({});
    // Two singular values of sqrt(r / c); for the kernel sqrt(r / in) / (kh kw).
    expectClose([squares(W), squares(kernel)], [2 * (4 / 2), 2 * (2 / 1 / 16)]);
    // Every token has a root mean square of 1.
    expectClose(
      table,
      [0.6, 0.8, -0.6, 0.8, 5 / 13, 12 / 13].map((x) => x * Math.SQRT2),
      { relative: 1e-7 },
    );
    expectClose(
      head,
      [1, -1, 1, -1, 1, 1, -1, 1].map((x) => x / 4),
    );
    expectClose(
      b,
      [0.6, 0.8].map((x) => x * Math.SQRT2),
      { relative: 1e-7 },
    );
    expectClose(s, [-1], { relative: 1e-7 });
  });

  test('an input matrix that is wide keeps singular values of 1, a tall one sqrt(r / c)', async () => {
    const { W, head } = await moved({ matrix: 'spectral-input', head: 'spectral-input' });
    expectClose([squares(W), squares(head)], [2 * (4 / 2), 2]);
  });

  test('rows: each of length 1 / sqrt(c)', async () => {
    const { W } = await moved({ matrix: 'row' });
    expectClose(
      [0, 2, 4, 6].map((i) => squares(W.slice(i, i + 2))),
      Array(4).fill(1 / 2),
      { relative: 1e-7 },
    );
  });
});

test('the constrained form stays in the ball, the other leaves it', async () => {
  const loss = lossWithGradient(({ w, t }) => w.flat.add(t.mul(3).sin().mul(4).cast('float32')).neg());
  const zero = { W: { ...asMatrix.W, values: [0.1, 0.2, 0, -0.1] } } as const;
  const run = async (unconstrained: boolean) => {
    const { w } = await trajectory(scion({ lr: 0.3, radius: 2, unconstrained, matrix: 'sign' }), {
      w0: zero,
      loss,
      steps: 30,
    });
    return Math.max(...w.flat().map(Math.abs));
  };
  expect(await run(false)).toBeLessThan(2 / 2);
  expect(await run(true)).toBeGreaterThan(2 / 2);
});
