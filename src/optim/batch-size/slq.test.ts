import { describe, expect, test } from 'vitest';
import { expectClose } from '../../testing/close.ts';
import { commonLoss, drivenTrajectory, quadraticLoss, w0 } from '../../testing/trajectory.ts';
import { lanczos, ritz } from './lanczos.ts';
import { extremes, heavyBallOf, plainRateOf, slq } from './slq.ts';

const diagonal = (values: readonly number[]) => async (v: Float64Array) => v.map((x, i) => x * values[i]);
const diag = (values: readonly number[]) => values.map((x, i) => values.map((_, j) => (i === j ? x : 0)));

describe('Lanczos', () => {
  test('golden', async () => {
    const found = await lanczos(diagonal([1, 2, 3, 10]), Float64Array.of(0.5, 0.5, 0.5, 0.5), 3);
    expectClose(found.alpha, [4, 7.6, 2.31404958678]);
    expectClose(found.beta.slice(0, 2), [3.53553390593, 1.55563491861]);
    const pairs = ritz(found);
    expectClose(pairs.values, [1.14654585247, 2.76880495914, 9.99869877516]);
    expectClose(pairs.weights, [0.356146158698, 0.393648729561, 0.250205111741]);
    const ends = extremes(pairs, 'min-positive', 0);
    if (!ends) throw new Error('there is positive curvature');
    const { lr, momentum } = heavyBallOf(ends);
    expectClose([lr, momentum, plainRateOf(ends)], [0.223252400487, 0.244101308568, 0.179448730541]);
  });

  test('as many steps as parameters give the spectrum; a start that spans less ends early', async () => {
    const spectrum = Array.from({ length: 12 }, (_, i) => 1.5 ** i - 3);
    const pairs = ritz(await lanczos(diagonal(spectrum), new Float64Array(12).fill(1), 30));
    expectClose(pairs.values, spectrum, { relative: 1e-9, absolute: 1e-9 });
    expectClose(
      pairs.weights,
      Array.from({ length: 12 }, () => 1 / 12),
      { relative: 1e-9 },
    );
    const two = await lanczos(diagonal([5, 5, 1]), Float64Array.of(1, 1, 1), 3);
    expect(two.alpha).toHaveLength(2);
    expectClose(ritz(two).values, [1, 5]);
    expect((await lanczos(diagonal([0, 0]), Float64Array.of(1, 1), 2)).alpha).toEqual([0]);
  });

  test('which values count', () => {
    const pairs = { values: [-3, 0, 1, 2, 8], weights: [0.3, 0.2, 0.1, 0.2, 0.2] };
    expect(extremes(pairs, 'min-positive', 0)).toEqual({ largest: 8, smallest: 1 });
    expect(extremes(pairs, 'quantile', 0.4)).toEqual({ largest: 8, smallest: 2 });
    expect(extremes(pairs, 'quantile', 1)).toEqual({ largest: 8, smallest: 8 });
    expect(extremes({ values: [-2, 0], weights: [0.5, 0.5] }, 'min-positive', 0)).toBeNull();
  });
});

describe('slq', () => {
  const spectrum = Array.from({ length: 50 }, (_, i) => 10 ** ((2 * i) / 49));
  const hard = { w0: spectrum.map(() => 1), loss: quadraticLoss(diag(spectrum)) };
  /** Steps until |w| is at most a millionth of what it was. */
  const stepsTo = (w: readonly (readonly number[])[]) =>
    w.findIndex((x) => Math.hypot(...x) <= 1e-6 * Math.sqrt(50)) + 1;

  test('exact extremes reach a millionth in 85 steps, twenty Lanczos steps in a quarter of plain ones', async () => {
    const exact = await drivenTrajectory(slq({ order: 50, refresh: 1000 }), { ...hard, steps: 90 });
    expect(stepsTo(exact.w)).toBeGreaterThan(80);
    expect(stepsTo(exact.w)).toBeLessThanOrEqual(86);
    expect(exact.calls).toMatchObject({ hessianVector: 50, gradient: 90 });
    const estimated = await drivenTrajectory(slq({ order: 20, refresh: 1000 }), { ...hard, steps: 296 });
    const reached = stepsTo(estimated.w);
    expect(reached).toBeGreaterThan(0);
    // Gradient descent with lr = 1 / L: (1 - 1 / 100)^k in the flattest direction alone takes 1185.
    expect(reached).toBeLessThanOrEqual(1185 / 4);
  });

  test('without momentum, damped, refreshed', async () => {
    const plain = await drivenTrajectory(slq({ form: 'plain', order: 4, refresh: 2, damping: 0.5 }), {
      w0: [1, 1, 1, 1],
      loss: quadraticLoss(diag([1, 2, 3, 10])),
      steps: 4,
    });
    const rate = 0.5 * (2 / 11);
    expectClose(
      plain.w[0],
      [1, 2, 3, 10].map((h) => 1 - rate * h),
    );
    expect(plain.calls.hessianVector).toBe(8);
    expect(plain.loss[0]).toBe(8);
  });

  test('without positive curvature it takes the fallback; a run repeats', async () => {
    const flat = await drivenTrajectory(slq({ fallbackLr: 0.1 }), {
      w0,
      loss: ({ w }) => w.flat.sum(),
      steps: 2,
    });
    expectClose(flat.w, [w0.map((x) => x - 0.1), w0.map((x) => x - 0.2)]);
    const setup = { w0, loss: commonLoss, steps: 5 };
    const once = await drivenTrajectory(slq({ order: 2 }), setup);
    expect((await drivenTrajectory(slq({ order: 2 }), setup)).w).toEqual(once.w);
  });
});
