import { describe, expect, test } from 'vitest';
import { createRuntime } from '../../runtime/runtime.ts';
import { constant, where } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, type LossPoint, lossWithGradient, trajectory, w0 } from '../../testing/trajectory.ts';
import { adam } from '../adaptive/adam.ts';
import { getOptimizer } from '../registry.ts';
import { adafactor } from './adafactor.ts';

const relative =
  '0.990560869196, -1.97016478981, 2.97889784522, 0.499320216268 | 0.981424083917, -1.94268507905, 2.95892548067, 0.49010598913 | 0.972685594146, -1.91834201588, 2.9404938146, 0.476006542843';

describe('adafactor', () => {
  test.each([
    ['relative steps', {}, relative],
    [
      'a given rate',
      { lr: 0.1, relativeStep: false },
      '0.905608691955, -1.70164789808, 2.78897845215, 0.493202162684 | 0.825398759229, -1.46834227981, 2.61475498824, 0.404885112112 | 0.75894845319, -1.29975239506, 2.47463253801, 0.281691564959',
    ],
  ] as const)('golden: %s', async (_, values, expected) => {
    const { w, statePerParameter } = await trajectory(adafactor(values), { w0: asMatrix, loss: commonLoss, steps: 3 });
    expectClose(w, golden(expected));
    expect(statePerParameter).toBe(1); // 2 rows and 2 columns for 4 parameters
  });

  test('golden: a vector keeps its moments whole', async () => {
    const { w } = await trajectory(adafactor(), { w0, loss: commonLoss, steps: 3 });
    const expected =
      '0.981125413912, -1.98112541391, 2.98112541391, 0.481125413912 | 0.964623913426, -1.96453263182, 2.964502504, 0.457111574816 | 0.948910433078, -1.94862233174, 2.94852750512, 0.432271710148';
    expectClose(w, golden(expected));
  });

  test("sums of rows and columns, the paper's form, give the update of means", async () => {
    const start = [1, -2, 3, 0.5, -1, 2];
    const gradients = [
      [1, 2, 3, 4, 5, 6],
      [3, -1, 0.5, 2, 2, -4],
    ];
    const rows = [0, 0];
    const columns = [0, 0, 0];
    let w = start;
    gradients.forEach((g, step) => {
      const beta = 1 - (step + 1) ** -0.8;
      const squares = (keep: (j: number) => boolean) => g.reduce((sum, x, j) => sum + (keep(j) ? x * x : 0), 0);
      rows.forEach((r, i) => {
        rows[i] = beta * r + (1 - beta) * squares((j) => Math.floor(j / 3) === i);
      });
      columns.forEach((c, i) => {
        columns[i] = beta * c + (1 - beta) * squares((j) => j % 3 === i);
      });
      const all = rows[0] + rows[1];
      w = w.map((x, j) => x - (0.1 * g[j]) / Math.sqrt((rows[Math.floor(j / 3)] * columns[j % 3]) / all));
    });
    const values = { lr: 0.1, relativeStep: false, scaleParameter: false, clip: 1e6 };
    const run = await trajectory(adafactor(values), {
      w0: { W: { shape: [2, 3], values: start, role: 'matrix' } },
      loss: lossWithGradient(({ t }) => {
        const [first, second] = gradients.map((g) => constant(g, { dtype: 'float32' }));
        return where(t.eq(1), first, second);
      }),
      steps: 2,
    });
    expectClose(run.w[1], w);
  });

  test('an update below the threshold is left alone, one above is scaled down to it', async () => {
    const setup = { w0: asMatrix, loss: commonLoss, steps: 3 };
    const values = { lr: 0.1, relativeStep: false, scaleParameter: false };
    const whole = (await trajectory(adafactor({ ...values, clip: 1e6 }), setup)).w;
    expect((await trajectory(adafactor({ ...values, clip: 100 }), setup)).w).toEqual(whole);
    const { w } = await trajectory(adafactor({ ...values, clip: 0.01 }), setup);
    expectClose([Math.hypot(...w[0].map((x, i) => x - w0[i])) / 2], [0.1 * 0.01], { relative: 1e-12 });
  });

  test('factorFrom keeps the moments of short matrices whole; a constant decay is that of Adam', async () => {
    const setup = { w0: asMatrix, loss: commonLoss, steps: 3 };
    const unfactored = await trajectory(adafactor({ factorFrom: 3 }), setup);
    expectClose(unfactored.w, (await trajectory(adafactor(), { ...setup, w0 })).w, { relative: 1e-14 });
    const plain = { lr: 0.1, relativeStep: false, scaleParameter: false, clip: 1e9, factorFrom: 3 };
    const constant = await trajectory(adafactor({ ...plain, beta2: 0.9 }), setup);
    const expected = await trajectory(adam({ lr: 0.1, beta1: 0, beta2: 0.9, eps: 0 }), setup);
    expectClose(constant.w, expected.w, { relative: 1e-12 });
  });

  test("the paper's warmup is a schedule of lr", async () => {
    const warm = getOptimizer('constant(adafactor)', { warmup: 10000 });
    if (warm.kind === 'driven') throw new Error('adafactor is no driven method');
    const { w } = await trajectory(warm, { w0, loss: commonLoss, steps: 3, horizon: 20000 });
    // A step of the vector is RMS(w) 1e-6 t along the signs at first.
    const rms = Math.hypot(...w0) / 2;
    expectClose(w[0], w0.map((x) => x - rms * 1e-6 * Math.sign(x)), { relative: 1e-9 }); // biome-ignore format: one line
  });

  test('weights of 0, single elements and extreme scales give finite numbers', async () => {
    const zero = { W: { ...asMatrix.W, values: [0, 0, 0, 0] } };
    const tiny = { W: { shape: [1, 1], values: [2], role: 'matrix' } } as const;
    const scalar = { s: { shape: [], values: [2] } };
    for (const start of [asMatrix, zero, tiny, scalar, w0]) {
      for (const scale of [0, 1, 1e30, 1e-30]) {
        const loss = ({ w }: LossPoint) => w.flat.add(1).square().sum().mul(scale);
        const { w } = await trajectory(adafactor(), { w0: start, loss, steps: 3 });
        expect(w.flat().every(Number.isFinite)).toBe(true);
      }
    }
  });

  test('a zero gradient moves nothing, in float32 too', async () => {
    const start = { W: { shape: [2, 2], values: [1, 2, 3, 4], role: 'matrix' } } as const;
    for (const engine of ['reference', 'wasm'] as const) {
      const { w } = await trajectory(adafactor(), {
        w0: start,
        loss: ({ w: x }) => x.flat.sum().mul(0),
        steps: 2,
        engine: createRuntime({ engine }).engine,
      });
      expect([...w[1]]).toEqual([1, 2, 3, 4]);
    }
  });
});
