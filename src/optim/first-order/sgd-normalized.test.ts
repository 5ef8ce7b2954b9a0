import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { clipByGlobalNorm } from '../wrappers/clip.ts';
import { sgd } from './sgd.ts';
import { sgdNormalized } from './sgd-normalized.ts';

type Values = Parameters<typeof sgdNormalized>[0];
const run = (values: Values, setup: Partial<Parameters<typeof trajectory>[1]> = {}) =>
  trajectory(sgdNormalized({ lr: 0.1, ...values }), { w0, loss: commonLoss, steps: 3, ...setup });

describe('sgd-normalized', () => {
  test.each<[string, Values, string]>([
    [
      'without momentum',
      { momentum: 0, eps: 0 },
      '0.973277444321, -1.94655488864, 2.91983233296, 0.498365909496 | 0.947346951352, -1.8946939027, 2.84204085406, 0.474147456173 | 0.922989244015, -1.84597848803, 2.76896773205, 0.432991298599',
    ],
    [
      'with averaged momentum',
      { eps: 0, averaged: true },
      '0.973277444321, -1.94655488864, 2.91983233296, 0.498365909496 | 0.946762144482, -1.89352428896, 2.84028643345, 0.485830190838 | 0.92070044184, -1.84140088368, 2.76210132552, 0.463671057826',
    ],
  ])('golden: %s', async (_, values, expected) => {
    expectClose((await run(values)).w, golden(expected));
  });

  test('golden: eps 1e-10 beside the norm', async () => {
    expectClose((await run({ momentum: 0 })).w[2], [0.92298924402, -1.84597848804, 2.76896773206, 0.432991298603]);
    const { w } = await run({});
    expectClose(w[0], [0.973277444322, -1.94655488864, 2.91983233297, 0.498365909498]);
    expectClose(w[2], [0.920700441843, -1.84140088369, 2.76210132553, 0.463671057827]);
  });

  test('is SGD clipped to norm 1 where every gradient is longer', async () => {
    const clipped = await trajectory(clipByGlobalNorm(sgd({ lr: 0.1 })), { w0, loss: commonLoss, steps: 3 });
    expectClose((await run({ momentum: 0, eps: 0 })).w, clipped.w, { relative: 1e-14 });
  });

  test('every step has length lr, and the scale of the loss does not matter; sum and average agree', async () => {
    const { w } = await run({ eps: 0 });
    [[...w0], ...w].slice(1).forEach((row, i) => {
      const before = [[...w0], ...w][i];
      expect(Math.hypot(...row.map((x, j) => x - before[j]))).toBeCloseTo(0.1, 12);
    });
    const scaled = await run({ eps: 0 }, { loss: (point) => commonLoss(point).mul(1000) });
    expectClose(scaled.w, w, { relative: 1e-12 });
    expectClose((await run({ eps: 0, averaged: true, nesterov: true })).w, (await run({ eps: 0, nesterov: true })).w, {
      relative: 1e-12,
    });
  });

  test("scope 'tensor' gives every tensor a step of its own length", async () => {
    const parts = { a: { shape: [2], values: [1, -2] }, b: { shape: [], values: [3] }, z: { shape: [1], values: [0] } };
    const loss = ({ w }: Parameters<typeof commonLoss>[0]) => w.flat.square().sum();
    const { w } = await run({ scope: 'tensor', momentum: 0, eps: 0 }, { w0: parts, loss, steps: 1 });
    expectClose(w[0], [1 - 0.1 / Math.sqrt(5), -2 + 0.2 / Math.sqrt(5), 2.9, 0]);
  });

  test.each(['global', 'tensor'] as const)('a gradient of 0 moves nothing, with eps 0 too: %s', async (scope) => {
    const { w } = await run({ eps: 0, scope }, { loss: ({ w: at }) => at.flat.sum().mul(0) });
    expect(w[2]).toEqual([...w0]);
  });

  test('keeps a buffer only with momentum', async () => {
    expect((await run({ momentum: 0 })).statePerParameter).toBe(0);
    expect((await run({})).statePerParameter).toBe(1);
    expect(() => sgdNormalized({ nesterov: true, momentum: 0 })).toThrow('nesterov is true but momentum is 0');
  });
});
