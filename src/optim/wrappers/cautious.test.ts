import { describe, expect, test } from 'vitest';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, flippingLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { adam } from '../adaptive/adam.ts';
import { adamw } from '../adaptive/adamw.ts';
import { lion } from '../first-order/lion.ts';
import { sgd } from '../first-order/sgd.ts';
import type { Optimizer } from '../optimizer.ts';
import { cautious } from './cautious.ts';
import { paramGroups } from './groups.ts';
import { sam } from './sam.ts';

const setup = { w0, loss: flippingLoss, steps: 3 };

describe('cautious', () => {
  // The authors add eps to the root of the uncorrected second moment.
  const cAdamw = () => adam({ lr: 0.1, eps: 1e-6, epsHat: true });
  const cLion = () => lion({ lr: 0.1 });
  test.each([
    [
      'C-AdamW, mean',
      cAdamw,
      'mean',
      '[1.09999048439, -1.90000541593, 2.90000099926, 0.599996832883] | [1.19504705023, -1.80657216214, 2.80012357035, 0.698290351778] | [1.14467812631, -1.69430789172, 2.80012357035, 0.677344570174]',
    ],
    [
      'C-AdamW, paper',
      cAdamw,
      'paper',
      '[1.07999238751, -1.92000433274, 2.92000079941, 0.579997466307] | [1.15591584671, -1.84487489501, 2.84010575104, 0.658591555454] | [1.11860682141, -1.76060206217, 2.84010575104, 0.64332061084]',
    ],
    [
      'C-Lion, paper',
      cLion,
      'paper',
      '[1.08, -1.92, 2.92, 0.58] | [1.16, -1.84, 2.84, 0.66] | [1.08, -1.76, 2.92, 0.58]',
    ],
    ['C-Lion, mean', cLion, 'mean', '[1.1, -1.9, 2.9, 0.6] | [1.2, -1.8, 2.8, 0.7] | [1.1, -1.7, 2.9, 0.6]'],
  ] as const)('golden: %s', async (_, base, maskScale, expected) => {
    expectClose((await trajectory(cautious(base(), { maskScale }), setup)).w, golden(expected));
  });

  test('xi = 1, and signs that always agree, give the base back', async () => {
    const base = adamw({ lr: 0.1 });
    const whole = await trajectory(cautious(base, { xi: 1 }), setup);
    expectClose(whole.w, (await trajectory(base, setup)).w, { relative: 1e-13 });
    const agreeing = { ...setup, loss: commonLoss };
    const masked = await trajectory(cautious(base), agreeing);
    expectClose(masked.w, (await trajectory(base, agreeing)).w, { relative: 1e-13 });
  });

  test('xi: disagreeing updates are kept in part, and the mean is taken over what is left', async () => {
    const base = sgd({ lr: 0.1, momentum: 0.9 });
    const { w, state } = await trajectory(cautious(base, { xi: 0.5 }), setup);
    const slope = w[1].map((x, j) => 0.5 * x + [2, -1, -4, 3][j] * Math.cos(6));
    const u = Object.values(state[3])[0].map((b) => 0.1 * b);
    const phi = u.map((x, j) => (x * slope[j] > 0 ? 1 : 0.5));
    expect(new Set(phi).size).toBe(2);
    const mean = phi.reduce((sum, x) => sum + x, 0) / 4;
    expectClose(
      w[2],
      w[1].map((x, j) => x - (u[j] * phi[j]) / mean),
    );
  });

  test('decoupled decay is not masked, and costs no further gradient', async () => {
    const values = { lr: 0.1, weightDecay: 0.5 };
    const { w, calls } = await trajectory(cautious(lion(values), { maskScale: 'none' }), setup);
    expect(calls[0]).toEqual({ loss: 0, gradient: 1, hessianVector: 0, perExample: 0 });
    const direction = golden('[1, 1, -1, 1] | [1, 1, -1, 1] | [-1, 1, 1, -1]');
    w.forEach((point, i) => {
      const before = i === 0 ? w0 : w[i - 1];
      expectClose(
        point,
        before.map((x, j) => {
          const slope = 0.5 * x + [2, -1, -4, 3][j] * Math.cos(2 * (i + 1));
          const u = direction[i][j];
          return x * (1 - 0.05) + (u * slope < 0 ? 0.1 * u : 0);
        }),
      );
    });
  });

  test('nor is it where the base is made of groups', async () => {
    const base = lion({ lr: 0.1, weightDecay: 0.5 });
    const groups = paramGroups([{ name: 'all', takes: () => true, optimizer: base }]);
    expectClose((await trajectory(cautious(groups), setup)).w, (await trajectory(cautious(base), setup)).w, {
      relative: 1e-14,
    });
  });

  test('decay that enters the gradient is part of the masked update', async () => {
    // With beta2 = 0 and eps = 0 Adam steps by lr times the sign of its momentum, here that of g + weightDecay w.
    const base = adam({ lr: 0.1, beta1: 0, beta2: 0, eps: 0, weightDecay: 10 });
    const { w } = await trajectory(cautious(base, { maskScale: 'none' }), { ...setup, steps: 1 });
    // g = [-0.33, -0.58, 3.16, -1.0]; g + 10 w = [+, -, +, +].
    expectClose(w[0], [1, -1.9, 2.9, 0.5]);
  });

  test('each tensor has a scale of its own; a zero gradient moves nothing', async () => {
    const base = sgd({ lr: 0.1 });
    const loss = ({ w }: { w: Parameters<typeof commonLoss>[0]['w'] }) => w.flat.mul(constant([1, 0, 0, 0, 1])).sum();
    const parts = { a: { shape: [4], values: [1, 1, 1, 1] }, b: { shape: [], values: [1] } };
    const mean = await trajectory(cautious(base), { w0: parts, loss, steps: 1 });
    expectClose(mean.w[0], [1 - 0.4, 1, 1, 1, 1 - 0.1], { relative: 1e-12 });
    const still = await trajectory(cautious(adamw({ weightDecay: 0 })), {
      ...setup,
      loss: ({ w }) => w.flat.sum().mul(0),
    });
    expect(still.w[2]).toEqual([...w0]);
  });

  test('signs are compared: the product of a tiny update and a tiny gradient would underflow', async () => {
    const loss = ({ w }: { w: Parameters<typeof commonLoss>[0]['w'] }) => w.flat.sum().mul(1e-200);
    const { w } = await trajectory(cautious(sgd({ lr: 1 })), { w0: [0], loss, steps: 1 });
    expectClose(w[0], [-1e-200], { absolute: 0 });
  });

  test('the first-order decrease is never less than that of the base', async () => {
    const momentum = sgd({ lr: 0.02, momentum: 0.9 });
    const { w, state } = await trajectory(cautious(momentum, { maskScale: 'none' }), { ...setup, steps: 30 });
    w.forEach((point, i) => {
      const before = i === 0 ? w0 : w[i - 1];
      const slope = before.map((x, j) => 0.5 * x + [2, -1, -4, 3][j] * Math.cos(2 * (i + 1)));
      const along = (step: readonly number[]) => step.reduce((sum, x, j) => sum + x * slope[j], 0);
      const buffer = Object.values(state[i + 1])[0];
      const base = buffer.map((b) => 0.02 * b);
      expect(along(point.map((x, j) => before[j] - x))).toBeGreaterThanOrEqual(along(base) - 1e-15);
    });
  });

  test('Adam on a quadratic of condition 100 overshoots less often and arrives sooner', async () => {
    const curvature = Array.from({ length: 50 }, (_, i) => 0.01 * 100 ** (i / 49));
    const run = async (optimizer: Optimizer) => {
      const { loss } = await trajectory(optimizer, {
        w0: curvature.map(() => 1),
        loss: ({ w }) => w.flat.square().mul(constant(curvature)).sum().mul(0.5),
        steps: 100,
      });
      const rises = loss.filter((value, i) => i > 0 && value > loss[i - 1]).length;
      return { rises, arrival: loss.findIndex((value) => value < 1e-6) };
    };
    const plain = await run(adam({ lr: 0.1 }));
    const masked = await run(cautious(adam({ lr: 0.1 })));
    expect(masked.rises).toBeLessThan(plain.rises / 2);
    expect(masked.arrival).toBeGreaterThan(0);
    expect(masked.arrival).toBeLessThan(plain.arrival);
  });

  test('asks for the gradient at w beside those of its base', async () => {
    const { calls } = await trajectory(cautious(sam(sgd({ lr: 0.1 }))), { ...setup, w0: asMatrix, steps: 1 });
    expect(calls[0].gradient).toBe(2);
  });
});
