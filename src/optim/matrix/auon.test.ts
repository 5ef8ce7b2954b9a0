import { expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, trajectory } from '../../testing/trajectory.ts';
import { auon } from './auon.ts';

const setup = { w0: asMatrix, loss: commonLoss, steps: 3 };

test.each([
  [
    'AuON',
    {},
    '0.976517590016, -1.95303518003, 2.92955277005, 0.49856404516 | 0.953320745269, -1.90664149054, 2.85996223581, 0.48432971344 | 0.930612817237, -1.86122563447, 2.79183845171, 0.461141880046',
  ],
  [
    'Hybrid-AuON',
    { hybrid: true },
    '0.992081704718, -1.91532107083, 2.93278835273, 0.475682551168 | 0.971763776667, -1.83019894257, 2.86751967714, 0.447383493829 | 0.942039238886, -1.74606687058, 2.80402745066, 0.417210858897',
  ],
  [
    'the repository',
    { variant: 'repository' },
    '0.995989041089, -1.99197808218, 2.98796712327, 0.499754728928 | 0.990809586774, -1.98161917355, 2.97242876032, 0.496615533331 | 0.984590302895, -1.96918060579, 2.95377090868, 0.490391380787',
  ],
] as const)('golden: %s', async (_, values, expected) => {
  const { w, statePerParameter } = await trajectory(auon({ lr: 0.1, ...values }), setup);
  expectClose(w, golden(expected));
  expect(statePerParameter).toBe(1);
});

const large = {
  W: { shape: [12, 10], values: Array.from({ length: 120 }, (_, i) => Math.sin(i * i)), role: 'matrix' },
} as const;
const first = async (values: Parameters<typeof auon>[0], scale = 1) => {
  const { w } = await trajectory(auon({ lr: 1, ...values }), {
    w0: large,
    loss: ({ w: x }) => x.flat.square().sum().mul(scale),
    steps: 1,
  });
  return w[0].map((x, i) => large.W.values[i] - x);
};
const length = (xs: readonly number[]) => Math.hypot(...xs);

test('without the iteration it is normalised momentum SGD within 1 % for a hundred entries', async () => {
  const step = await first({});
  const along = step.reduce((sum, x, i) => sum + x * large.W.values[i], 0);
  expect(along / (length(step) * length([...large.W.values]))).toBeCloseTo(1, 10);
  expect(length(step) / Math.sqrt(12 / 10)).toBeGreaterThan(0.99);
  expect(length(step) / Math.sqrt(12 / 10)).toBeLessThan(1);
});

test("the paper's form does not see the scale of the loss; the repository's does", async () => {
  const ratio = async (values: Parameters<typeof auon>[0]) =>
    length(await first(values, 1000)) / length(await first(values));
  expectClose([await ratio({}), await ratio({ hybrid: true })], [1, 1], { relative: 1e-6 });
  expectClose([await ratio({ variant: 'repository' })], [1000], { relative: 1e-6 });
});

test('refuses a hybrid of the repository', () => {
  expect(() => auon({ hybrid: true, variant: 'repository' })).toThrow(
    "auon: hybrid is true but variant is 'repository'",
  );
});
