import { describe, expect, test } from 'vitest';
import { createRuntime } from '../../runtime/runtime.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, trajectory, w0 } from '../../testing/trajectory.ts';
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
