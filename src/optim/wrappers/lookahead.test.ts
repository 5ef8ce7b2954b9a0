import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { adam } from '../adaptive/adam.ts';
import { sgd } from '../first-order/sgd.ts';
import { galoreAdam } from '../matrix/galore-adam.ts';
import type { Optimizer } from '../optimizer.ts';
import { emaWeights } from './ema-weights.ts';
import { gradientNoise } from './gradient-noise.ts';
import { lookahead } from './lookahead.ts';

const setup = { w0, loss: commonLoss, steps: 4 };
const run = (base: Optimizer, values: Parameters<typeof lookahead>[1] = {}, more = {}) =>
  trajectory(lookahead(base, { lookaheadSteps: 2, ...values }), { ...setup, ...more });
const momentum = sgd({ lr: 0.1, momentum: 0.9 });

describe('lookahead', () => {
  test.each<[string, Optimizer, string]>([
    [
      'sgd',
      sgd({ lr: 0.1 }),
      '0.944596976941, -1.88919395388, 2.83379093082, 0.496612092235 | 0.95076429823, -1.90152859646, 2.85229289469, 0.477567807081 | 0.913126008284, -1.82625201657, 2.73937802485, 0.414089716863 | 0.912385221154, -1.82477044231, 2.73715566346, 0.422403646633',
    ],
    [
      'momentum, whose buffer is kept',
      momentum,
      '0.944596976941, -1.88919395388, 2.83379093082, 0.496612092235 | 0.925832937853, -1.85166587571, 2.77749881356, 0.476043248586 | 0.805803224816, -1.61160644963, 2.41740967445, 0.372568350737 | 0.794927847952, -1.5898556959, 2.38478354385, 0.355355014444',
    ],
  ])('golden: %s', async (_, base, expected) => {
    expectClose((await run(base)).w, golden(expected));
  });

  test('slowRate 1 is the base', async () => {
    const all = await run(adam({ lr: 0.1 }), { slowRate: 1 });
    expectClose(all.w, (await trajectory(adam({ lr: 0.1 }), setup)).w, { relative: 1e-14 });
  });

  test('evaluates at the slow weights, which are the weights after a synchronisation', async () => {
    const { w, evaluation, statePerParameter, calls, programs } = await run(momentum);
    expect(evaluation).toEqual([[...w0], w[1], w[1], w[3]]);
    expect(statePerParameter).toBe(2);
    expect(calls.map(({ gradient }) => gradient)).toEqual([1, 1, 1, 1]);
    expect(programs).toBe(2);
  });

  test("innerState 'reset' begins the base anew, its step number and phases too", async () => {
    // From each synchronisation on, the run of a base that has never moved, on the losses of those steps.
    const from = { w0: asMatrix, loss: commonLoss, steps: 2 };
    const base = galoreAdam({ lr: 0.1, rank: 1, gap: 2 });
    const { w } = await run(base, { innerState: 'reset' }, { w0: asMatrix });
    const later = await trajectory(base, {
      ...from,
      w0: { W: { ...asMatrix.W, values: w[1] } },
      loss: (point) => commonLoss({ ...point, t: point.t.add(2) }),
    });
    expectClose(w[2], later.w[0], { relative: 1e-13 });
    expectClose(
      w[3],
      w[1].map((x, i) => (x + later.w[1][i]) / 2),
      { relative: 1e-13 },
    );
  });

  test("'reset' counts evaluations of the base anew too", async () => {
    const averaged = emaWeights(sgd({ lr: 0.1 }), { emaStart: 'debiased', emaDecay: 0.5 });
    const { evaluation, w } = await run(averaged, { innerState: 'reset' });
    expect(evaluation[1]).toEqual(w[1]);
  });

  test("'pullback' moves the momentum as it moves the weights", async () => {
    const { state, statePerParameter } = await run(momentum, { innerState: 'pullback', slowRate: 0.25 });
    const kept = await run(momentum, { slowRate: 0.25 });
    expect(statePerParameter).toBe(3);
    expectClose(
      state[2]['state.base.buffer'],
      kept.state[2]['state.base.buffer'].map((x) => 0.25 * x),
      { relative: 1e-14 },
    );
    expect(state[2]['state.own.slowState.0']).toEqual(state[2]['state.base.buffer']);
  });

  test('refuses a slowRate outside (0, 1]', () => {
    expect(() => lookahead(sgd(), { slowRate: 0 })).toThrow('slowRate is 0; it must lie in (0, 1]');
  });

  test('lowers the stationary variance on a noisy quadratic by the factor of the paper', async () => {
    // f_t(w) = (w - c_t)^2 / 2 with c_t ~ N(0, 1), in 1000 chains: a gradient w with noise of variance 1.
    const chains = 1000;
    const noisy = gradientNoise(sgd({ lr: 0.5 }), { noiseVariance: 1, noiseDecay: 0 });
    const { w } = await trajectory(lookahead(noisy), {
      w0: Array(chains).fill(0),
      loss: (point) => point.w.flat.square().sum().mul(0.5),
      steps: 200,
    });
    const synchronised = w.filter((_, i) => i >= 50 && (i + 1) % 5 === 0);
    const variance = synchronised.flat().reduce((sum, x) => sum + x * x, 0) / (chains * synchronised.length);
    // Proposition 2: alpha^2 (1 - q^2k) / (alpha^2 (1 - q^2k) + 2 alpha (1 - alpha) (1 - q^k)), q = 1 - lr.
    const [a, q, k] = [0.5, 0.5, 5];
    const part = a ** 2 * (1 - q ** (2 * k));
    const ratio = part / (part + 2 * a * (1 - a) * (1 - q ** k));
    expect(variance / ((0.5 ** 2 / (1 - q ** 2)) * ratio)).toBeCloseTo(1, 1);
  });
});
