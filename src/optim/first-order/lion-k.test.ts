import { describe, expect, test } from 'vitest';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import {
  commonLoss,
  flippingLoss,
  type LossPoint,
  lossWithGradient,
  trajectory,
  w0,
} from '../../testing/trajectory.ts';
import { lion } from './lion.ts';
import { lionK } from './lion-k.ts';

type Values = Parameters<typeof lionK>[0];
const run = (values: Values, loss = commonLoss, steps = 3) =>
  trajectory(lionK({ lr: 0.1, ...values }), { w0, loss, steps });

describe('lion-k', () => {
  const goldens: [string, Values, string][] = [
    [
      'the Euclidean norm with decay',
      { kappa: 'lp', p: 2, weightDecay: 0.5 },
      '[0.923277444321, -1.84655488864, 2.76983233296, 0.473365909496] | [0.851073374229, -1.70214674846, 2.55322012269, 0.427187320286] | [0.783871644001, -1.567743288, 2.351614932, 0.367167601341]',
    ],
    [
      'Huber',
      { kappa: 'huber', edge: 0.05 },
      '[0.9, -1.9, 2.9, 0.493224184469] | [0.80835039258, -1.8, 2.8, 0.410000195701] | [0.730091448851, -1.7, 2.7, 0.310000195701]',
    ],
    [
      'p = 1.5',
      { kappa: 'lp', p: 1.5 },
      '[0.951995497189, -1.93211138107, 2.91685376214, 0.488129171414] | [0.905641033394, -1.86608213221, 2.83572884834, 0.445290654153] | [0.861143133853, -1.8021410671, 2.75687204684, 0.390990075391]',
    ],
  ];
  test.each(goldens)('golden: %s', async (_, values, expected) => {
    expectClose((await run(values)).w, golden(expected));
  });

  test.each<[string, Values]>([
    ['l1', {}],
    ['lp with p = 1', { kappa: 'lp', p: 1 }],
    ['soft, of a tiny threshold', { kappa: 'soft', edge: 1e-12 }],
    ['a narrow Huber', { kappa: 'huber', edge: 1e-12 }],
    ['a narrow log cosh', { kappa: 'logcosh', edge: 1e-12 }],
  ])('%s is Lion', async (_, values) => {
    const expected = await trajectory(lion({ lr: 0.1, weightDecay: 0.5 }), { w0, loss: flippingLoss, steps: 5 });
    expectClose((await run({ ...values, weightDecay: 0.5 }, flippingLoss, 5)).w, expected.w, { relative: 1e-14 });
  });

  test('soft moves only what exceeds the threshold', async () => {
    const [first] = (await run({ kappa: 'soft', edge: 0.1 }, commonLoss, 1)).w;
    // c = 0.1 g = [0.055, -0.11, 0.17, 0.003]
    expectClose(first, [1, -1.9, 2.9, 0.5]);
  });

  test('quadratic is SGD along the blend', async () => {
    const [first] = (await run({ kappa: 'quadratic', beta1: 0.5 }, commonLoss, 1)).w;
    expectClose(first, [1 - 0.05 * 0.554030230587, -2 + 0.05 * 1.10806046117, 3 - 0.05 * 1.66209069176, 0.5 - 0.05 * 0.0338790776527]); // biome-ignore format: one line
  });

  test('implicit decay divides by 1 + lr weightDecay', async () => {
    const [first] = (await run({ weightDecay: 0.5, implicit: true }, commonLoss, 1)).w;
    expectClose(
      first,
      [0.9, -1.9, 2.9, 0.4].map((x) => x / 1.05),
    );
  });

  const apart = { a: { shape: [2], values: [1, -2] }, b: { shape: [], values: [3] } };
  test('scope: the norm over all parameters, or tensor by tensor', async () => {
    const loss = lossWithGradient(() => constant([3, 4, 12]));
    const of = async (scope: 'all' | 'tensor', kappa: 'lp' | 'nuclear' = 'lp') =>
      (await trajectory(lionK({ lr: 1, kappa, scope }), { w0: apart, loss, steps: 1 })).w[0];
    expectClose(await of('all'), [1 - 3 / 13, -2 - 4 / 13, 3 - 12 / 13]);
    expectClose(await of('tensor'), [1 - 3 / 5, -2 - 4 / 5, 2]);
    // A vector is a matrix of one singular value.
    expectClose(await of('tensor', 'nuclear'), [1 - 3 / 5, -2 - 4 / 5, 2]);
  });

  test('nuclear makes all singular values nearly one', async () => {
    const W = { W: { shape: [2, 2], values: [0, 0, 0, 0], role: 'matrix' } } as const;
    const loss = lossWithGradient(() => constant([4, 0, 0, -1]));
    const [first] = (await trajectory(lionK({ lr: 1, kappa: 'nuclear' }), { w0: W, loss, steps: 1 })).w;
    expect(first[0]).toBeLessThan(-0.65);
    expect(first[0]).toBeGreaterThan(-1.2);
    expect(first[3]).toBeGreaterThan(0.65);
    expect(first[3]).toBeLessThan(1.2);
    expectClose([first[1], first[2]], [0, 0]);
  });

  /** Gradients that no method could foresee, of very different sizes. */
  const wild = lossWithGradient(({ t }) =>
    constant([1, 20, 300, 4000]).mul(t.mul(constant([12.9, 78.2, 37.7, 4.6])).sin()),
  );
  const infinity = (row: readonly number[]) => Math.max(...row.map(Math.abs));
  const norm = (q: number) => (row: readonly number[]) => row.reduce((sum, x) => sum + Math.abs(x) ** q, 0) ** (1 / q);

  test.each<[string, Values, (row: readonly number[]) => number]>([
    ['l1', {}, infinity],
    ['p = 1.5', { kappa: 'lp', p: 1.5 }, norm(3)],
    ['p = 2', { kappa: 'lp', p: 2 }, norm(2)],
    ['p = 4', { kappa: 'lp', p: 4 }, norm(4 / 3)],
    ['soft', { kappa: 'soft', edge: 1 }, infinity],
    ['huber', { kappa: 'huber', edge: 1 }, infinity],
    ['logcosh', { kappa: 'logcosh', edge: 1 }, infinity],
  ])(
    '%s: the distance to the ball of radius 1 / weightDecay shrinks by 1 - lr weightDecay, whatever the gradients',
    async (_, values, size) => {
      const { w } = await run({ ...values, lr: 0.05, weightDecay: 2 }, wild, 80);
      const outside = (row: readonly number[]) => Math.max(0, size(row) - 0.5);
      w.forEach((row, i) => {
        expect(outside(row)).toBeLessThanOrEqual((1 - 0.1) ** (i + 1) * outside(w0) + 1e-12);
      });
    },
  );

  test.each<[Values]>([
    [{ kappa: 'lp' }],
    [{ kappa: 'lp', scope: 'tensor' }],
    [{ kappa: 'nuclear' }],
    [{ kappa: 'huber' }],
  ])('%j: zero, tiny and huge gradients give finite steps', async (values) => {
    for (const scale of [0, 1e-30, 1e30]) {
      const setup = {
        w0: apart,
        loss: lossWithGradient(() => constant([scale, -scale, scale])),
        steps: 2,
      };
      const { w } = await trajectory(lionK({ lr: 0.1, ...values }), setup);
      expect(w.flat().every(Number.isFinite)).toBe(true);
      if (scale === 0) expect(w[1]).toEqual([1, -2, 3]);
    }
  });

  describe('ends at the constrained minimum that weightDecay names', () => {
    const a = [5, -0.3, -7, 0.1, 2, 0.8];
    const h = [1, 2, 0.5, 3, 1, 1];
    const bowl = ({ w }: LossPoint) => w.flat.sub(constant(a)).square().mul(constant(h)).sum().mul(0.5);
    const end = async (values: Values, steps: number) => {
      const { w } = await trajectory(lionK({ lr: 0.01, ...values }), { w0: Array(6).fill(10), loss: bowl, steps });
      return w[steps - 1];
    };

    test('l1: in the box |w| <= 1 / weightDecay, or at the free minimum without decay', async () => {
      const boxed = await end({ weightDecay: 1 }, 1800);
      boxed.forEach((x, i) => {
        expect(Math.abs(x - Math.max(-1, Math.min(1, a[i])))).toBeLessThan(0.03);
      });
      const free = await end({ lr: 0.02 }, 1600);
      free.forEach((x, i) => {
        expect(Math.abs(x - a[i])).toBeLessThan(0.06);
      });
    });

    test('p = 2: on the unit sphere, where w = h a / (h + nu)', async () => {
      const on = (nu: number) => a.map((x, i) => (h[i] * x) / (h[i] + nu));
      let [low, high] = [0, 100];
      for (let i = 0; i < 200; i++) {
        const nu = (low + high) / 2;
        if (Math.hypot(...on(nu)) > 1) low = nu;
        else high = nu;
      }
      expectClose(await end({ kappa: 'lp', p: 2, weightDecay: 1 }, 2200), on(low), { relative: 1e-6 });
      const height = on(low).reduce((sum, x, i) => sum + 0.5 * h[i] * (x - a[i]) ** 2, 0);
      expectClose([height], [21.0967636694]);
    });
  });

  test('keeps one float', async () => {
    expect((await run({})).statePerParameter).toBe(1);
    expect(() => lionK({ p: 0.5 })).toThrow('lion-k: p is 0.5; it must lie in [1, inf)');
  });
});
