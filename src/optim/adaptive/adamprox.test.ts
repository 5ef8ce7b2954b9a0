import { describe, expect, test } from 'vitest';
import { scalar } from '../../tensor/tensor.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { defineSchedule, withSchedule } from '../schedules/schedule.ts';
import { adam } from './adam.ts';
import { adamprox } from './adamprox.ts';
import { adamw } from './adamw.ts';

const setup = { w0, loss: commonLoss, steps: 3 };
const strong = { lr: 0.1, weightDecay: 0.1 };

/** 1, 1/2, 1/4, ... */
const halving = defineSchedule({
  id: 'halving',
  summary: '',
  source: '',
  hyper: {},
  multiplier: ({ t }) => scalar(0.5, 'float64').pow(t.sub(1)),
});

describe('adamprox', () => {
  test('golden: original coupling', async () => {
    const { w } = await trajectory(adamprox(strong), setup);
    expectClose(
      w,
      golden(
        '[0.818181819823,-1.72727272809,2.63636363691,0.36363639047] | [0.65564089056,-1.48148748289,2.30775384892,0.257352473814] | [0.512690103089,-1.26151445642,2.01210250302,0.154238854831]',
      ),
    );
  });

  test('golden: original coupling under a schedule', async () => {
    const { w } = await trajectory(withSchedule(adamprox(strong), halving()), setup);
    expectClose(
      w.slice(1),
      golden(
        '[0.733041333066,-1.59852807585,2.46423470034,0.307963862698] | [0.692381639149,-1.53639251101,2.38087649948,0.279155787128]',
      ),
    );
  });

  test('golden: library coupling', async () => {
    const { w } = await trajectory(adamprox({ ...strong, coupling: 'library' }), setup);
    expectClose(
      [w[0], w[2]],
      golden(
        '[0.891089110698,-1.88118811971,2.87128712931,0.396039633185] | [0.683627946902,-1.65199363185,2.6219573327,0.222858745]',
      ),
    );
  });

  test('without decay it is adam', async () => {
    const prox = await trajectory(adamprox({ lr: 0.1, weightDecay: 0 }), setup);
    expectClose(prox.w, (await trajectory(adam({ lr: 0.1 }), setup)).w, { relative: 1e-14 });
  });

  test('adamw is its first-order expansion: they part with the square of the decay', async () => {
    const apart = async (weightDecay: number) => {
      const values = { lr: 1e-12, weightDecay, coupling: 'original' } as const;
      const [prox, w] = [await trajectory(adamprox(values), setup), await trajectory(adamw(values), setup)];
      return Math.abs(prox.w[0][2] - w.w[0][2]);
    };
    const ratio = (await apart(1e-2)) / (await apart(1e-3));
    expect(ratio).toBeGreaterThan(95);
    expect(ratio).toBeLessThan(105);
  });

  test('spares biases and norm gains; two floats, one gradient', async () => {
    const start = {
      W: { shape: [1, 2], values: [1, -2], role: 'matrix' },
      b: { shape: [1], values: [3], role: 'bias' },
      gain: { shape: [1], values: [0.5], role: 'gain' },
    } as const;
    const plain = await trajectory(adamprox({ weightDecay: 0 }), { ...setup, w0: start, steps: 1 });
    const decayed = await trajectory(adamprox({ weightDecay: 1 }), { ...setup, w0: start, steps: 1 });
    expect(decayed.w[0].map((x, i) => x === plain.w[0][i])).toEqual([false, false, true, true]);
    expect(decayed.statePerParameter).toBe(2);
    expect(decayed.calls[0].gradient).toBe(1);
  });
});
