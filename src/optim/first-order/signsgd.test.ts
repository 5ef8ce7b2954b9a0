import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { signsgd } from './signsgd.ts';
import { signum } from './signum.ts';

const setup = { w0, loss: commonLoss, steps: 3 };

describe('signsgd', () => {
  test.each([
    [0.1, '[0.9,-1.9,2.9,0.4] | [0.8,-1.8,2.8,0.3] | [0.7,-1.7,2.7,0.2]'],
    [2, '[-1,0,1,-1.5] | [1,-2,-1,0.5] | [-1,0,1,-1.5]'],
  ])('golden: lr %d', async (lr, expected) => {
    expectClose((await trajectory(signsgd({ lr }), setup)).w, golden(expected));
  });

  test('does not see the scale of the loss', async () => {
    const scaled = { ...setup, loss: (point: Parameters<typeof commonLoss>[0]) => commonLoss(point).mul(1e-4) };
    expect((await trajectory(signsgd(), scaled)).w).toEqual((await trajectory(signsgd(), setup)).w);
  });

  test('keeps nothing', async () => expect((await trajectory(signsgd(), setup)).statePerParameter).toBe(0));

  test('decay is decoupled: w (1 - lr weightDecay) - lr sign(g)', async () => {
    const { w } = await trajectory(signsgd({ lr: 0.1, weightDecay: 0.5 }), { ...setup, steps: 1 });
    expectClose(w, [[0.85, -1.8, 2.75, 0.375]]);
  });
});

describe('signum', () => {
  test.each([
    [0.1, '[0.9,-1.9,2.9,0.4] | [0.8,-1.8,2.8,0.3] | [0.7,-1.7,2.7,0.2]'],
    [2, '[-1,0,1,-1.5] | [1,2,-1,0.5] | [-1,0,-3,-1.5]'],
  ])('golden: lr %d', async (lr, expected) => {
    expectClose((await trajectory(signum({ lr }), setup)).w, golden(expected));
  });

  test('keeps one float', async () => expect((await trajectory(signum(), setup)).statePerParameter).toBe(1));
});
