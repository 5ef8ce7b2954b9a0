import { describe, expect, test } from 'vitest';
import { evaluate } from '../../runtime/reference/index.ts';
import { constant } from '../../tensor/functions.ts';
import { scalar } from '../../tensor/tensor.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, lossWithGradient, trajectory, w0 } from '../../testing/trajectory.ts';
import { extrapolationWeights } from './extrapolation.ts';
import { optAmsgrad } from './opt-amsgrad.ts';

const gradients = [[4, 2, -1], [2.2, 0.9, -0.7], [1.3, 0.5, -0.4], [0.8, 0.2, -0.25]]; // biome-ignore format: one line
/** The trace of U'U: the sum of squared differences. */
const trace = gradients
  .slice(1)
  .reduce((sum, g, j) => sum + g.reduce((s, x, i) => s + (x - gradients[j][i]) ** 2, 0), 0);

const weights = (sequence: readonly (readonly number[])[], regularization: number, known = sequence.length - 1) => {
  const x = sequence.map((row) => constant(row, { dtype: 'float64' }));
  const c = extrapolationWeights(x, scalar(regularization, 'float64'), scalar(known, 'float64'));
  return [...evaluate([c], new Map())[0].data];
};
const sum = (c: readonly number[], of: readonly (readonly number[])[]) =>
  of[0].map((_, i) => c.reduce((total, weight, j) => total + weight * of[j][i], 0));

describe('extrapolation', () => {
  test.each([
    [
      1e-2,
      '-0.368876080692, -0.0432276657061, 1.4121037464',
      '0.261959654179, -0.071181556196, -0.0775216138329',
      '0.265129682997, -0.0706051873199, -0.165706051873',
    ],
    [
      1e-8,
      '-0.282708632821, -0.397474572947, 1.68018320577',
      '0.205470627577, -0.117138414859, -0.0631599292885',
      null,
    ],
  ])('golden: lambda %d', (lambda, expected, newer, older) => {
    const c = weights(gradients, (lambda * 3) / trace);
    // With lambda 1e-8 the system has a condition of 1e9: the last digits are rounding.
    const tolerance = { relative: lambda < 1e-4 ? 1e-7 : 1e-10 };
    expectClose([c], golden(expected), tolerance);
    expectClose([sum(c, gradients.slice(1))], golden(newer), tolerance);
    if (older) expectClose([sum(c, gradients)], golden(older), tolerance);
  });

  test('finds the limit of a linear recurrence', () => {
    // x_j = limit + 0.5^j u + 0.2^j v needs two differences and the third.
    const limit = [1, -2, 3];
    const terms = [0, 1, 2, 3].map((j) => limit.map((x, i) => x + 0.5 ** j * [1, 2, 3][i] + 0.2 ** j * [-1, 1, 4][i]));
    expectClose(sum(weights(terms, 1e-13), terms.slice(1)), limit, { relative: 1e-6 });
  });

  test('differences that are not known count for nothing, equal gradients all the same', () => {
    const c = weights([[0, 0, 0], ...gradients], 1e-3, 3);
    expect(c[0]).toBe(0);
    expectClose(c.slice(1), weights(gradients, 1e-3), { relative: 1e-12 });
    expectClose(weights(Array(4).fill([1, 2]), 1e-8), [1 / 3, 1 / 3, 1 / 3], { relative: 1e-14 });
  });
});

describe('opt-amsgrad', () => {
  test('golden: the next gradient predicted to be the last', async () => {
    const { w, statePerParameter } = await trajectory(optAmsgrad({ lr: 0.1, prediction: 'last' }), {
      w0,
      loss: commonLoss,
      steps: 3,
    });
    expectClose(
      w,
      golden(
        '0.367554759686, -1.36754704094, 2.36754561152, -0.129721027723 | -0.0250866427203, -0.88166778838, 1.8635913166, -0.594599520849 | -0.175960822601, -0.453771563675, 1.37671522132, -1.14963795417',
      ),
    );
    expect(statePerParameter).toBe(4);
  });

  test('extrapolating from two gradients and their predecessor, as a transcription in numpy goes', async () => {
    const optimizer = optAmsgrad({ lr: 0.1, history: 2, regularization: 1e-3 });
    const { w } = await trajectory(optimizer, { w0, loss: commonLoss, steps: 6 });
    expectClose(w[2], [0.095660077842, -0.627638357572, 1.50450217981, -1.13722115998]);
    expectClose(w[5], [-0.360580154132, 0.655773377054, -0.129418959521, 0.541545153505]);
  });

  test('under a constant gradient the prediction is that gradient', async () => {
    const run = async (prediction: 'last' | 'extrapolation') => {
      const loss = lossWithGradient(() => constant([1, -2, 0, 3]));
      return trajectory(optAmsgrad({ lr: 0.1, prediction, history: 3 }), { w0, loss, steps: 6 });
    };
    const found = await run('extrapolation');
    expectClose(found.w, (await run('last')).w, { relative: 1e-12 });
    expect(found.statePerParameter).toBe(7);
  });

  test('keeps one gradient less than it uses, newest last, and predicts with those there are', async () => {
    const { state, w } = await trajectory(optAmsgrad({ lr: 0.1, history: 2 }), { w0, loss: commonLoss, steps: 3 });
    const g = [w0, ...w].map((x, t) => x.map((v, i) => 0.5 * v + [0.1, -0.2, 0.3, -0.4][i] * Math.cos(t + 1)));
    expectClose(state[3]['state.history.0'], g[1], { relative: 1e-12 });
    expectClose(state[3]['state.history.1'], g[2], { relative: 1e-12 });
    // At t = 2 one difference is known, so its newer end is the prediction: the gradient of that step.
    const last = await trajectory(optAmsgrad({ lr: 0.1, prediction: 'last' }), { w0, loss: commonLoss, steps: 3 });
    expectClose(w.slice(0, 2), last.w.slice(0, 2), { relative: 1e-12 });
    expect(w[2]).not.toEqual(last.w[2]);
  });
});
