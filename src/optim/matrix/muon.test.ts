import { describe, expect, test } from 'vitest';
import { fillRandom } from '../../runtime/random.ts';
import { evaluate } from '../../runtime/reference/index.ts';
import type { Bundle } from '../../tensor/bundle.ts';
import { constant, eigh } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, trajectory } from '../../testing/trajectory.ts';
import { muon } from './muon.ts';
import { muonMoonshot } from './muon-moonshot.ts';
import { newtonSchulz } from './newton-schulz.ts';

const numbers = (x: Tensor) => [...evaluate([x])[0].data];
const gaussian = (rows: number, columns: number) => {
  const values = new Float64Array(rows * columns);
  fillRandom(values, 'normal', { seed: 3, stream: `${rows}x${columns}`, step: 0 });
  return constant([...values], { shape: [rows, columns], dtype: 'float64' });
};

describe('newtonSchulz', () => {
  const M = constant([[1, 2, 3], [4, 5, 6.5]], { dtype: 'float64' }); // biome-ignore format: a matrix

  test('golden', () => {
    const expected = '-0.791625006092, 0.110163949865, 0.729717245482, 0.633150208887, 0.368084270597, 0.252721023502';
    expectClose(numbers(newtonSchulz(M)), golden(expected));
  });

  test('golden: what becomes of singular values', () => {
    const [largest, least] = [1.1327215908, 0.698905168957];
    const X = newtonSchulz(M);
    const gram = X.matmul(X, { transposeB: true });
    expectClose(numbers(eigh(gram).values.sqrt()), [least, largest]);
    const other = Math.sqrt(1 - 0.1 ** 2);
    const diagonal = constant([[0.1, 0], [0, other]], { dtype: 'float64' }); // biome-ignore format: a matrix
    expectClose(numbers(newtonSchulz(diagonal, { eps: 0 })).slice(0, 1), [0.712120081658]);
  });

  test('commutes with transposition exactly', () => {
    expect(numbers(newtonSchulz(M.transpose()).transpose())).toEqual(numbers(newtonSchulz(M)));
  });

  test('takes singular values in [0.01, 1] to [0.681, 1.135]', () => {
    const values = Array.from({ length: 100 }, (_, i) => 0.01 * 100 ** (i / 99));
    const bottom = values.map((x) => {
      // A diagonal 2 x 2 matrix of Frobenius norm 1 has x among its singular values.
      const other = Math.sqrt(1 - x * x);
      return numbers(newtonSchulz(constant([[x, 0], [0, other]], { dtype: 'float64' })))[0]; // biome-ignore format: a matrix
    });
    expect(Math.min(...bottom)).toBeGreaterThan(0.681);
    expect(Math.max(...bottom)).toBeLessThan(1.135);
  });
});

describe('muon', () => {
  const setup = { w0: asMatrix, loss: commonLoss, steps: 3 };

  test.each([
    [
      'jordan',
      { lr: 0.1 },
      '0.97877205435, -1.92346822886, 2.91480574649, 0.486904823905 | 0.943566207831, -1.85812557567, 2.81013082096, 0.467122339786 | 0.909764739805, -1.79654469506, 2.70392015667, 0.432753988121',
    ],
    [
      'jordan, exact polar factor',
      { lr: 0.1, orthogonalize: 'exact' },
      '0.979239391363, -1.90217874909, 2.90217874909, 0.479239391363 | 0.948419440774, -1.80704657448, 2.80704657448, 0.448419440774 | 0.910669589286, -1.71444555552, 2.71444555552, 0.410669589286',
    ],
    [
      'moonshot',
      { lr: 0.1, weightDecay: 0.1, scale: 'moonshot', averaged: false },
      '0.983995872695, -1.95835359179, 2.9459035287, 0.491296113855 | 0.964188540423, -1.92027405571, 2.8867232087, 0.480835908493 | 0.945023059068, -1.88362132539, 2.82774518112, 0.466399516702',
    ],
  ] as const)('golden: %s', async (_, values, expected) => {
    expectClose((await trajectory(muon(values), setup)).w, golden(expected));
  });

  test('averaged or summed momentum differ by less than 1e-6', async () => {
    const averaged = await trajectory(muon({ lr: 0.1 }), setup);
    const summed = await trajectory(muon({ lr: 0.1, averaged: false }), setup);
    expectClose(averaged.w, summed.w, { relative: 1e-6 });
  });

  test.each([
    [64, 64],
    [128, 64],
    [64, 128],
    [128, 10],
  ])('a moonshot update of a Gaussian %d x %d matrix has an RMS near 0.2 lr', (r, c) => {
    // biome-ignore format: shapes
    const update = newtonSchulz(gaussian(r, c)).mul(0.2 * Math.sqrt(Math.max(r, c)));
    const [rms] = numbers(update.square().mean().sqrt());
    expect(rms).toBeGreaterThan(0.16);
    expect(rms).toBeLessThan(0.22);
  });

  test('hidden matrices and kernels take Muon, all else AdamW with adamLr; one and two floats of state', async () => {
    const start = {
      W: { shape: [2, 3], values: [1, 2, 3, 4, 5, 6.5], role: 'matrix' },
      kernel: { shape: [2, 1, 1, 2], values: [1, -2, 3, 0.5], role: 'kernel' },
      head: { shape: [1, 2], values: [1, 1], role: 'head' },
      b: { shape: [2], values: [1, 1], role: 'bias' },
    } as const;
    const run = await trajectory(muon({ lr: 0.1, adamLr: 0.01 }), {
      w0: start,
      loss: ({ w }) => w.flat.square().sum().mul(0.5),
      steps: 1,
    });
    const [after] = run.w;
    // NS5 does not change with the scale, so the step of W is that of NS5(W) itself; sqrt(max(1, 2/3)) = 1.
    expectClose(
      after.slice(0, 6),
      numbers(constant([[1, 2, 3], [4, 5, 6.5]], { dtype: 'float64' }).sub(newtonSchulz(constant([[1, 2, 3], [4, 5, 6.5]], { dtype: 'float64' })).mul(0.1))), // biome-ignore format: matrices
      { relative: 1e-6 },
    );
    expectClose(after.slice(10), [0.99, 0.99, 0.99, 0.99], { relative: 1e-9 });
    expect(run.statePerParameter).toBe((10 + 2 * 4) / 14);
  });

  test('a factor of the shape: sqrt(max(1, r / c)), sqrt(r / c), 0.2 sqrt(max(r, c)) or none', async () => {
    const tall = { W: { shape: [3, 2], values: [1, 2, 3, 4, 5, 6.5], role: 'matrix' } } as const;
    const wide = { W: { ...tall.W, shape: [2, 3] } } as const;
    const length = async (w0: typeof tall | typeof wide, scale: 'jordan' | 'moonshot' | 'mup' | 'none') => {
      const loss = ({ w }: { w: Bundle }) => w.flat.square().sum();
      const { w } = await trajectory(muon({ lr: 1, orthogonalize: 'exact', scale }), { w0, loss, steps: 1 });
      // Two singular values, each as large as the factor.
      return Math.hypot(...w[0].map((x, i) => x - w0.W.values[i])) / Math.SQRT2;
    };
    expectClose([await length(tall, 'jordan'), await length(wide, 'jordan')], [Math.sqrt(1.5), 1]);
    expectClose([await length(tall, 'mup'), await length(wide, 'mup')], [Math.sqrt(1.5), Math.sqrt(2 / 3)]);
    expectClose([await length(tall, 'moonshot'), await length(wide, 'moonshot')], Array(2).fill(0.2 * Math.sqrt(3)));
    expectClose([await length(tall, 'none'), await length(wide, 'none')], [1, 1]);
  });

  test('refuses an unknown scale', () => {
    expect(() => muon().with({ scale: 'keller' })).toThrow(
      'muon: scale is keller; it must be one of jordan, moonshot, mup, none',
    );
  });
});

describe('muon-moonshot', () => {
  const setup = { w0: asMatrix, loss: commonLoss, steps: 3 };

  test('golden', async () => {
    const expected =
      '0.983995872695, -1.95835359179, 2.9459035287, 0.491296113855 | 0.964188540423, -1.92027405571, 2.8867232087, 0.480835908493 | 0.945023059068, -1.88362132539, 2.82774518112, 0.466399516702';
    expectClose((await trajectory(muonMoonshot({ lr: 0.1, weightDecay: 0.1 }), setup)).w, golden(expected));
  });

  test('is muon with a sum, the moonshot scale, and one lr for all', async () => {
    const two = { ...setup, w0: { ...asMatrix, b: { shape: [2], values: [0, 0] } } } as const;
    const loss = ({ w, t }: { w: Bundle; t: Tensor }) => w.flat.cast('float64').sub(t.sin()).square().sum();
    const ours = await trajectory(muonMoonshot({ lr: 0.1, weightDecay: 0.3 }), { ...two, loss });
    const shared = { lr: 0.1, adamLr: 0.1, weightDecay: 0.3, eps: 1e-8 } as const;
    const theirs = await trajectory(muon({ ...shared, averaged: false, scale: 'moonshot' }), { ...two, loss });
    expect(ours.w).toEqual(theirs.w);
  });

  test.each([
    [64, 64],
    [128, 64],
    [64, 128],
    [128, 10],
  ])('with the exact polar factor a step on [%d, %d] has a root mean square of 0.2 lr', async (r, c) => {
    const values = [...evaluate([gaussian(r, c)])[0].data];
    const { w } = await trajectory(muonMoonshot({ lr: 0.1, weightDecay: 0, orthogonalize: 'exact' }), {
      w0: { W: { shape: [r, c], values, role: 'matrix' } },
      loss: ({ w: x }) => x.flat.square().sum(),
      steps: 1,
    });
    const squares = w[0].reduce((sum, x, i) => sum + (x - values[i]) ** 2, 0);
    expectClose([Math.sqrt(squares / (r * c))], [0.02]);
  });
});
