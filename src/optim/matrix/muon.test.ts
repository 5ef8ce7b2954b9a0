import { describe, expect, test } from 'vitest';
import { fillRandom } from '../../runtime/random.ts';
import { evaluate } from '../../runtime/reference/index.ts';
import { constant } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, trajectory } from '../../testing/trajectory.ts';
import { muon } from './muon.ts';
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

  test('refuses an unknown scale', () => {
    expect(() => muon().with({ scale: 'keller' })).toThrow(
      'muon: scale is keller; it must be one of jordan, moonshot, mup, none',
    );
  });
});
