import { describe, expect, test } from 'vitest';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { adam } from '../adaptive/adam.ts';
import { adamw } from '../adaptive/adamw.ts';
import { sgd } from '../first-order/sgd.ts';
import type { Optimizer } from '../optimizer.ts';
import { clipByGlobalNorm } from './clip.ts';
import { xgrad } from './xgrad.ts';

const setup = { w0, loss: commonLoss, steps: 3 };
const lr = 0.1;

describe('xgrad', () => {
  test.each<[string, Optimizer, string]>([
    [
      'sgd with momentum',
      xgrad(sgd({ lr, momentum: 0.9 })),
      '0.944596976941, -1.88919395388, 2.83379093082, 0.496612092235 | 0.85443602686, -1.70887205372, 2.56330808058, 0.452255892561 | 0.744977342914, -1.48995468583, 2.23493202874, 0.352340628346',
    ],
    [
      'adam',
      xgrad(adam({ lr })),
      '0.900000001805, -1.9000000009, 2.9000000006, 0.400000029517 | 0.803316113711, -1.80190604157, 2.80153757784, 0.318879586869 | 0.710596289067, -1.70599589226, 2.70482294343, 0.231575104583',
    ],
    [
      'adamw, whose decay is not predicted',
      xgrad(adamw({ lr, weightDecay: 0.01 })),
      '0.899000001805, -1.8980000009, 2.8970000006, 0.399500029517 | 0.801433727521, -1.79801982955, 2.79565095595, 0.317975176762 | 0.707960301908, -1.70034463523, 2.69616943777, 0.230349821853',
    ],
    [
      'adam, two steps ahead',
      xgrad(adam({ lr }), { ahead: 2 }),
      '0.900000001805, -1.9000000009, 2.9000000006, 0.400000029517 | 0.805254557954, -1.80255082554, 2.80190604094, 0.317732753914 | 0.71569574015, -1.70764309795, 2.70575327812, 0.230777239635',
    ],
  ])('golden: %s', async (_, optimizer, expected) => {
    expectClose((await trajectory(optimizer, setup)).w, golden(expected));
  });

  test.each<[string, Optimizer]>([
    ['sgd', sgd({ lr, momentum: 0.9 })],
    ['sgd whose buffer sums steps', sgd({ lr, momentum: 0.9, lrInBuffer: true })],
    ['adam', adam({ lr })],
    ['adam in the efficient form', adam({ lr, eps: 0.1, epsHat: true })],
  ])('the last displacement of a base that it does not know is the same prediction: %s', async (_, base) => {
    const known = await trajectory(xgrad(base), { ...setup, steps: 8 });
    const unknown = await trajectory(xgrad(clipByGlobalNorm(base, { maxNorm: 1e6 })), { ...setup, steps: 8 });
    expectClose(unknown.w, known.w, { relative: 1e-12 });
    expect(unknown.statePerParameter).toBe(known.statePerParameter + 1);
  });

  test('ahead 0 is the base; one gradient', async () => {
    const base = sgd({ lr, momentum: 0.9, weightDecay: 0.1 });
    const { w, calls, statePerParameter } = await trajectory(xgrad(base, { ahead: 0 }), setup);
    expect(w).toEqual((await trajectory(base, setup)).w);
    expect(calls[2]).toEqual({ loss: 0, gradient: 1, hessianVector: 0, perExample: 0 });
    expect(statePerParameter).toBe(1);
  });

  test("ahead = momentum is Nesterov's method, seen from the point ahead", async () => {
    // v = w - lr momentum b obeys PyTorch's form: v <- v - lr (g + momentum b').
    const { w, state } = await trajectory(xgrad(sgd({ lr, momentum: 0.9 }), { ahead: 0.9 }), setup);
    const nesterov = await trajectory(sgd({ lr, momentum: 0.9, nesterov: true }), setup);
    const ahead = w.map((row, i) => row.map((x, j) => x - lr * 0.9 * state[i + 1]['state.base.buffer'][j]));
    expectClose(ahead, nesterov.w, { relative: 1e-13 });
  });

  test("the authors' dampening, which touches the first step too, is a smaller lr", async () => {
    const dampening = 0.4;
    let [w, b] = [[...w0] as number[], [0, 0, 0, 0]];
    const expected = [1, 2, 3].map((t) => {
      const g = w.map((x, i) => 0.5 * (x - lr * b[i]) + [0.1, -0.2, 0.3, -0.4][i] * Math.cos(t));
      b = b.map((x, i) => 0.9 * x + (1 - dampening) * g[i]);
      w = w.map((x, i) => x - lr * b[i]);
      return w;
    });
    const { w: ours } = await trajectory(xgrad(sgd({ lr: lr * (1 - dampening), momentum: 0.9 })), setup);
    expectClose(ours, expected);
    const dampened = await trajectory(xgrad(sgd({ lr, momentum: 0.9, dampening })), setup);
    expect(Math.abs(dampened.w[0][0] - expected[0][0])).toBeGreaterThan(0.01);
  });

  test('adam with eps 0 begins', async () => {
    const { w } = await trajectory(xgrad(adam({ lr, eps: 0 })), setup);
    expect(w.flat().every(Number.isFinite)).toBe(true);
  });

  test('needs fewer steps than the heavy ball on a quadratic of condition 100, and loses stability earlier', async () => {
    const curvature = constant(Array.from({ length: 50 }, (_, i) => 0.01 * 100 ** (i / 49)));
    const losses = async (optimizer: Optimizer) =>
      (
        await trajectory(optimizer, {
          w0: Array(50).fill(1),
          loss: ({ w }) => w.flat.square().mul(curvature).sum().mul(0.5),
          steps: 200,
        })
      ).loss;
    const reached = async (optimizer: Optimizer) => (await losses(optimizer)).findIndex((value) => value < 1e-6);
    const ball = (rate: number) => sgd({ lr: rate, momentum: 0.9 });
    for (const rate of [0.5, 0.9, 1.2]) {
      expect(await reached(xgrad(ball(rate)))).toBeLessThan(0.8 * (await reached(ball(rate))));
    }
    expect((await losses(xgrad(ball(1.9)))).at(-1)).toBeGreaterThan(1e6);
    expect((await losses(ball(1.9))).at(-1)).toBeLessThan(1);
  });
});
