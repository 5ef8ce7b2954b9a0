import { describe, expect, test } from 'vitest';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, type LossPoint, trajectory, w0 } from '../../testing/trajectory.ts';
import type { Optimizer } from '../optimizer.ts';
import { adam } from './adam.ts';
import { nadam } from './nadam.ts';

const setup = { w0, loss: commonLoss, steps: 3 };

describe('nadam', () => {
  test('golden', async () => {
    const { w, statePerParameter } = await trajectory(nadam({ lr: 0.1 }), setup);
    expectClose(
      w,
      golden(
        '0.894354824071, -1.89435482312, 2.8943548228, 0.394354853347 | 0.827521890578, -1.82510793314, 2.82434122051, 0.289722170073 | 0.771693874891, -1.76527108372, 2.76324268888, 0.191755565689',
      ),
    );
    expect(statePerParameter).toBe(2 + 1 / 4);
  });

  test('golden: the first step of Optax', async () => {
    const { w, statePerParameter } = await trajectory(nadam({ lr: 0.1, variant: 'optax' }), setup);
    expectClose([w[0][0]], [0.852631581607]);
    expect(statePerParameter).toBe(2);
  });

  test('without momentum it is Adam without momentum, in all forms but for the second moment of the paper', async () => {
    const { w } = await trajectory(adam({ lr: 0.1, beta1: 0 }), setup);
    const of = async (variant: 'pytorch' | 'optax') =>
      (await trajectory(nadam({ lr: 0.1, beta1: 0, variant }), setup)).w;
    expectClose(await of('pytorch'), w, { relative: 1e-14 });
    expectClose(await of('optax'), w, { relative: 1e-14 });
    const paper = await trajectory(nadam({ lr: 0.1 * Math.sqrt(0.999), beta1: 0, eps: 0, variant: 'paper' }), setup);
    const plain = await trajectory(adam({ lr: 0.1, beta1: 0, eps: 0 }), setup);
    expectClose(paper.w, plain.w, { relative: 1e-14 });
  });

  test('takes fewer steps than Adam to 1e-6 on a quadratic of condition 100', async () => {
    const n = 50;
    const curvature = constant(Array.from({ length: n }, (_, i) => 0.01 * 100 ** (i / (n - 1))));
    const stepsTo1e6 = async (optimizer: Optimizer) => {
      const loss = ({ w }: LossPoint) => w.flat.square().mul(curvature).sum().mul(0.5);
      const found = await trajectory(optimizer, { w0: Array(n).fill(1), loss, steps: 90 });
      return found.loss.findIndex((value) => value < 1e-6);
    };
    const quick = await stepsTo1e6(nadam({ lr: 0.1 }));
    expect(quick).toBeGreaterThan(0);
    expect(quick).toBeLessThan(60);
    const slow = await stepsTo1e6(adam({ lr: 0.1 }));
    expect(slow < 0 || slow > quick + 10).toBe(true);
  });
});
