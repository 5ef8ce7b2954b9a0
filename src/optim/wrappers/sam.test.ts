import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, type LossPoint, quadraticLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { scheduleFreeSgd } from '../averaging/schedule-free-sgd.ts';
import { adahessian } from '../curvature/adahessian.ts';
import { sgd } from '../first-order/sgd.ts';
import { sgdol } from '../first-order/sgdol.ts';
import { sam } from './sam.ts';

const setup = { w0, loss: commonLoss, steps: 3 };
const run = (values: Parameters<typeof sam>[1]) => trajectory(sam(sgd({ lr: 0.1 }), values), setup);

describe('sam', () => {
  test('golden: rho 0.05', async () => {
    const expected =
      '0.943928913049, -1.8878578261, 2.83178673915, 0.496571239972 | 0.900246900879, -1.80049380176, 2.70074070264, 0.454473232519 | 0.864530808083, -1.72906161617, 2.59359242425, 0.391078372314';
    expectClose((await run({})).w, golden(expected));
  });

  test('golden: rho 0.5', async () => {
    const { w } = await run({ rho: 0.5 });
    expectClose(w[2], [0.848154905407, -1.69630981081, 2.54446471622, 0.375632043778]);
  });

  test.each([
    [
      'weights',
      '0.942071607625, -1.86899099935, 2.76560595928, 0.496573485504 | 0.859266781405, -1.67750238315, 2.42058135539, 0.390988069872',
    ],
    [
      'weights+eta',
      '0.942030277807, -1.86886316049, 2.76540189791, 0.496572072824 | 0.859144913889, -1.67714023658, 2.42003162075, 0.39091858685',
    ],
  ] as const)('golden: ASAM, scaling %s', async (scaling, expected) => {
    const { w } = await run({ rho: 0.5, scaling });
    expectClose([w[0], w[2]], golden(expected));
  });

  test('two gradients a step, no state of its own', async () => {
    const { calls, statePerParameter } = await run({});
    expect(calls[0]).toEqual({ loss: 0, gradient: 2, hessianVector: 0, perExample: 0 });
    expect(statePerParameter).toBe(0);
  });

  test('reports the loss at w', async () => {
    const plain = await trajectory(sgd({ lr: 0.1 }), { ...setup, steps: 1 });
    const { loss } = await trajectory(sam(sgd({ lr: 0.1 })), { ...setup, steps: 1 });
    expectClose(loss, plain.loss, { relative: 1e-15 });
  });

  test('ASAM: invariant under u -> c u, v -> v / c of a loss of u v', async () => {
    const loss = ({ w }: LossPoint) => w.flat.at(0, 0).mul(w.flat.at(0, 1)).sub(1).square().mul(0.5);
    const valueAt = async (start: number[]) => {
      const points = ({ w }: LossPoint) => loss({ w } as LossPoint);
      const values = { rho: 0.3, scaling: 'weights' } as const;
      const { w } = await trajectory(sam(sgd({ lr: 1e-9 }), values), { w0: start, loss: points, steps: 1 });
      // The gradient at the worst point, times the weights: the same for all such scalings.
      return w[0].map((x, i) => ((start[i] - x) / 1e-9) * start[i]);
    };
    expectClose(await valueAt([8, 0.25]), await valueAt([2, 1]), { relative: 1e-5 });
  });

  test('T of scaling weights+eta is 1 at biases', async () => {
    const w0 = { b: { shape: [2], values: [3, 0.1], role: 'bias' } } as const;
    const loss = ({ w }: LossPoint) => w.flat.square().mul(w.flat).sum();
    const values = { rho: 0.5, scaling: 'weights+eta' } as const;
    const biases = await trajectory(sam(sgd({ lr: 0.1 }), values), { w0, loss, steps: 3 });
    const plain = await trajectory(sam(sgd({ lr: 0.1 }), { rho: 0.5 }), { w0, loss, steps: 3 });
    expectClose(biases.w, plain.w, { relative: 1e-14 });
  });

  test('where the gradient is 0 nothing moves', async () => {
    const flat = await trajectory(sam(sgd({ lr: 0.1 })), { ...setup, loss: ({ w }) => w.flat.mul(0).sum() });
    expect(flat.w[2]).toEqual([...w0]);
  });

  test('rho 0 is the base', async () => {
    expectClose((await run({ rho: 0 })).w, (await trajectory(sgd({ lr: 0.1 }), setup)).w, { relative: 1e-15 });
  });

  test('keeps the minibatches, Hessians and evaluation point of the base', async () => {
    expect(sam(sgdol()).batches).toBe(2);
    expect((await trajectory(sam(sgdol()), setup)).calls[0].gradient).toBe(4);
    const curved = await trajectory(sam(adahessian()), { ...setup, loss: quadraticLoss([[2, 0], [0, 1]]), w0: [1, 2] }); // biome-ignore format: a matrix
    expect(curved.calls[0]).toMatchObject({ gradient: 2, hessianVector: 1 });
    const free = await trajectory(sam(scheduleFreeSgd({ lr: 0.1 })), setup);
    expect(free.evaluation).not.toEqual(free.w);
  });

  test('finds the flat minimum of (u v - 1)^2 / 2 where gradient descent stays at a sharp one', async () => {
    const loss = ({ w }: LossPoint) => w.flat.at(0, 0).mul(w.flat.at(0, 1)).sub(1).square().mul(0.5);
    const from = { w0: [3, 0.1], loss, steps: 4000 };
    const sharpness = ([u, v]: readonly number[]) => u * u + v * v;
    const descent = await trajectory(sgd({ lr: 0.1 }), from);
    const aware = await trajectory(sam(sgd({ lr: 0.1 }), { rho: 0.2 }), from);
    // A step that a sharp minimum allows: lr H (1 + rho H) < 2.
    const unnormalized = await trajectory(sam(sgd({ lr: 0.02 }), { rho: 0.1, normalized: false }), from);
    expect(sharpness(descent.w[3999])).toBeGreaterThan(8);
    expect(sharpness(unnormalized.w[3999])).toBeGreaterThan(8);
    expect(sharpness(aware.w[3999])).toBeLessThan(2.2);
  });
});
