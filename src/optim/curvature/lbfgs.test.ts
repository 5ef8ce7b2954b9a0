import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { drivenTrajectory, quadraticLoss, rosenbrockLoss, w0 } from '../../testing/trajectory.ts';
import { lbfgs } from './lbfgs.ts';

const A = [[4, 1, 0, 0.5], [1, 3, -0.5, 0], [0, -0.5, 2, 0.25], [0.5, 0, 0.25, 1]]; // biome-ignore format: a matrix
const valley = { w0: [-1.2, 1], loss: rosenbrockLoss };

describe('lbfgs', () => {
  test('golden: Rosenbrock, strong Wolfe', async () => {
    const { w } = await drivenTrajectory(lbfgs({ maxIter: 1, history: 100 }), { ...valley, steps: 4 });
    const expected =
      '[-1.02453193035,1.07161962027] | [-1.02845657456,1.06818745575] | [-1.02887953483,1.06550295168] | [-1.02761776638,1.05841207827]';
    expectClose(w, golden(expected));
  });

  test('golden: four iterations take six evaluations', async () => {
    const { calls } = await drivenTrajectory(lbfgs({ maxIter: 4, history: 100 }), { ...valley, steps: 1 });
    expect(calls.gradient).toBe(6);
  });

  test('golden: quadratic without line search', async () => {
    const { w } = await drivenTrajectory(lbfgs({ maxIter: 1, lineSearch: 'none' }), {
      w0,
      loss: quadraticLoss(A, [1, -1, 0.5, 2]),
      steps: 3,
    });
    const expected =
      '[0.908256880734,-1.59633027523,2.51376146789,0.518348623853] | [0.00373596413078,-0.293921114313,0.13817223634,0.938734413039] | [0.288576169254,-0.269413941194,-0.00554772820596,1.35316024941]';
    expectClose(w, golden(expected));
  });

  test('Rosenbrock to 1e-8 within 60 iterations and 90 evaluations', async () => {
    const { w, calls } = await drivenTrajectory(lbfgs({ maxIter: 60, maxEval: 90 }), { ...valley, steps: 1 });
    const [x, y] = w[0];
    expect((1 - x) ** 2 + 100 * (y - x * x) ** 2).toBeLessThan(1e-8);
    expect(calls.gradient).toBeLessThanOrEqual(90);
  });

  test('goes on from a checkpoint as if it had never stopped', async () => {
    const options = { ...valley, steps: 12 };
    const through = await drivenTrajectory(lbfgs({ maxIter: 2 }), options);
    const resumed = await drivenTrajectory(lbfgs({ maxIter: 2 }), { ...options, resume: structuredClone });
    expect(resumed.w).toEqual(through.w);
  });

  test('refuses illegal hyperparameters', () => {
    expect(() => lbfgs({ history: 0 })).toThrow('lbfgs: history is 0; it must be a whole number from 1');
    expect(() => lbfgs().with({ lineSearch: 'armijo' })).toThrow('it must be one of strong-wolfe, none');
  });
});
