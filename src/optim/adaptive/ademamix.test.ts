import { describe, expect, test } from 'vitest';
import { evaluate } from '../../runtime/reference/index.ts';
import { scalar } from '../../tensor/tensor.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, rosenbrockLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { adam } from './adam.ts';
import { adamw } from './adamw.ts';
import { ademamix, slowDecay } from './ademamix.ts';

const setup = { w0, loss: commonLoss, steps: 3 };
const still = { alphaWarmup: 0, beta3Warmup: 0 };
const warming = { alpha: 8, alphaWarmup: 10, beta3Warmup: 10 };

const decayAt = (beta1: number | undefined, beta3: number, share: number): number => {
  const number = (x: number) => scalar(x, 'float64');
  const decay = slowDecay(beta1 === undefined ? undefined : number(beta1), number(beta3), number(share));
  return evaluate([decay], new Map())[0].data[0];
};

describe('ademamix', () => {
  test.each([
    [
      'no warmup',
      still,
      '0.899950001806, -1.8999500009, 2.8999500006, 0.399950029531 | 0.801757756421, -1.80122153471, 2.80106526069, 0.319609424443 | 0.706503582699, -1.70431650588, 2.70370378977, 0.231972439607',
    ],
    [
      'warmup',
      warming,
      '0.89992071477, -1.89992071387, 2.89992071357, 0.399920742504 | 0.801580381103, -1.80104565868, 2.80088990794, 0.319524006904 | 0.706003517463, -1.70382330282, 2.70321314832, 0.231760946891',
    ],
    [
      'warmup and decay',
      { ...warming, weightDecay: 0.1 },
      '0.88992071477, -1.87992071387, 2.86992071357, 0.394920742504 | 0.782800825099, -1.76234506868, 2.74228278007, 0.310536994566 | 0.679763906864, -1.64778666683, 2.61744632806, 0.219642185396',
    ],
  ])('golden: %s', async (_, values, expected) => {
    const { w } = await trajectory(ademamix({ lr: 0.1, ...values }), setup);
    expectClose(w, golden(expected));
  });

  test('by default both warmups last the run', async () => {
    const whole = await trajectory(ademamix({ lr: 0.1, alpha: 8 }), { ...setup, horizon: 10 });
    const ten = await trajectory(ademamix({ lr: 0.1, ...warming }), setup);
    expectClose(whole.w, ten.w, { relative: 1e-14 });
  });

  test('golden: beta3 on its way from 0.9 to 0.9999', () => {
    const at = [0.1, 0.5, 0.9, 1].map((share) => decayAt(0.9, 0.9999, share));
    expectClose(at, [0.999008912043, 0.999800199625, 0.999888901222, 0.9999]);
    expect(decayAt(0.9, 0.9999, 0)).toBeCloseTo(0.9, 14);
  });

  test('beta3: half-lives as in the PyTorch code of the authors, without the 1e-8 that it adds inside the logarithm', () => {
    const halfLife = (beta: number, addend: number) => Math.log(0.5) / Math.log(beta + addend) - 1;
    const theirs = (share: number, addend: number) =>
      0.5 ** (1 / ((1 - share) * halfLife(0.9, addend) + share * halfLife(0.9999, addend) + 1));
    for (const share of [0.1, 0.5, 0.9]) {
      const ours = decayAt(0.9, 0.9999, share);
      expectClose([ours], [theirs(share, 0)], { relative: 1e-14 });
      expect(Math.abs(ours - theirs(share, 1e-8))).toBeGreaterThan(1e-9);
    }
  });

  test('beta3 is on its way from 0 where beta1 is 0, and never above its end', () => {
    // Half the half-life: the square.
    expectClose([decayAt(undefined, 0.99, 0.5), decayAt(undefined, 0.99, 0)], [0.99 ** 2, 0]);
    expect(decayAt(0.9, 0, 0.5)).toBe(0);
    expect(decayAt(0.99, 0.9, 0.5)).toBe(0.9);
  });

  test('with alpha 0 it is AdamW', async () => {
    const ours = await trajectory(ademamix({ lr: 0.1, alpha: 0, weightDecay: 0.1 }), setup);
    const theirs = await trajectory(adamw({ lr: 0.1, weightDecay: 0.1 }), setup);
    expectClose(ours.w, theirs.w, { relative: 1e-13 });
  });

  test('keeps three floats; without a fast average two, and its gradient is the same', async () => {
    expect((await trajectory(ademamix(), setup)).statePerParameter).toBe(3);
    const without = await trajectory(ademamix({ lr: 0.1, beta1: 0, ...still }), setup);
    const tiny = await trajectory(ademamix({ lr: 0.1, beta1: 1e-300, ...still }), setup);
    expect(without.statePerParameter).toBe(2);
    expectClose(without.w, tiny.w, { relative: 1e-14 });
  });

  test("claim, shortened: on Rosenbrock's valley no single average does both jobs", async () => {
    const steps = 2000;
    const end = async (optimizer: ReturnType<typeof adam>) => {
      const { loss } = await trajectory(optimizer, { w0: [-3, 5], loss: rosenbrockLoss, steps });
      return loss[steps - 1];
    };
    const ours = await end(ademamix({ lr: 1e-2, beta3: 0.999, alpha: 9 }));
    for (const beta1 of [0.9, 0.99, 0.999]) expect(ours).toBeLessThan(await end(adam({ lr: 1e-2, beta1 })));
  });
});
