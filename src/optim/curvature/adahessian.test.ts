import { describe, expect, test } from 'vitest';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, quadraticLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { adahessian } from './adahessian.ts';

const A = [[4, 1, 0, 0.5], [1, 3, -0.5, 0], [0, -0.5, 2, 0.25], [0.5, 0, 0.25, 1]]; // biome-ignore format: a matrix
const B = [[1, 2, 0, 0], [2, -1, 0.5, 0], [0, 0.5, -2, 1], [0, 0, 1, 0.5]]; // biome-ignore format: a matrix
const z = [[1, -1, 1, 1], [-1, 1, 1, -1], [1, 1, -1, 1]]; // biome-ignore format: a matrix
const random = (t: number) => z[t - 1];
const convex = { w0, loss: quadraticLoss(A, [1, -1, 0.5, 2]), steps: 3, random };
const matrix = { W: { shape: [2, 2], values: [...w0], role: 'matrix' } } as const;

describe('adahessian', () => {
  test('golden: no averaging', async () => {
    const { w, statePerParameter, calls } = await trajectory(adahessian(), convex);
    const expected =
      '[0.946430101997,-1.67001319947,2.63864950365,0.521427347009] | [0.890008686624,-1.31258282514,2.20597154915,0.551055712962] | [0.841116372562,-1.10612107227,1.81804340809,0.588291218013]';
    expectClose(w, golden(expected));
    expect(statePerParameter).toBe(2);
    expect(calls[0]).toEqual({ loss: 0, gradient: 1, hessianVector: 1, perExample: 0 });
  });

  test('golden: row averaging', async () => {
    const { w } = await trajectory(adahessian(), { ...convex, w0: matrix });
    const expected =
      '[0.937502083264,-1.72500916636,2.55835296209,0.516665925959] | [0.81638755757,-1.2724136146,1.59775978246,0.575002807681]';
    expectClose([w[0], w[2]], golden(expected));
  });

  test('golden: power 1/2', async () => {
    const { w } = await trajectory(adahessian({ hessianPower: 0.5 }), convex);
    const expected =
      '[0.899782391139,-1.47825718399,2.40078233684,0.528345192781] | [0.694294230755,-0.688536577025,1.28269842928,0.623563595368]';
    expectClose([w[0], w[2]], golden(expected));
  });

  test('golden: a saddle, absolute against signed averaging', async () => {
    const saddle = { w0: matrix, loss: quadraticLoss(B), steps: 1, random };
    const absolute = await trajectory(adahessian(), saddle);
    expectClose(absolute.w, golden('[1.19999111151,-2.36665037109,3.64995666956,0.175021665222]'));
    const signed = await trajectory(adahessian({ averaging: 'signed' }), saddle);
    expectClose(signed.w, golden('[1.19999111151,-2.36665037109,9753,-4874.5]'));
  });

  test('golden: common sequence', async () => {
    const { w } = await trajectory(adahessian({ lr: 0.1 }), { ...convex, loss: commonLoss });
    const expected =
      '[0.889216110661,-1.77843222132,2.66764833198,0.493225539362] | [0.712453030115,-1.42490606023,2.13735909035,0.371394858623]';
    expectClose([w[0], w[2]], golden(expected));
  });

  test('with an update period the Hessian is asked for only when due, and the estimate is kept', async () => {
    const run = await trajectory(adahessian({ updatePeriod: 2 }), convex);
    expect(run.calls.map(({ hessianVector }) => hessianVector)).toEqual([1, 0, 1]);
    expect(run.statePerParameter).toBe(3);
    expect(run.programs).toBe(2);
  });

  test('removes ill-conditioning: condition 1e4 within 200 steps', async () => {
    const n = 50;
    const curvature = Array.from({ length: n }, (_, i) => 10 ** ((4 * i) / (n - 1)));
    const { loss } = await trajectory(adahessian(), {
      w0: Array(n).fill(1),
      loss: ({ w }) => w.flat.square().mul(constant(curvature)).sum().mul(0.5),
      steps: 200,
    });
    expect(loss.some((value) => value <= 1e-6 * loss[0])).toBe(true);
  });
});
