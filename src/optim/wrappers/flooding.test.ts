import { describe, expect, test } from 'vitest';
import { meanCrossEntropy, mlp } from '../../nn/index.ts';
import { createRuntime } from '../../runtime/runtime.ts';
import { defineTask } from '../../tasks/define.ts';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, type LossPoint, trajectory, w0 } from '../../testing/trajectory.ts';
import { train } from '../../train/train.ts';
import { adahessian } from '../curvature/adahessian.ts';
import { sgd } from '../first-order/sgd.ts';
import { positive } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { sps } from '../step-sizes/sps.ts';
import { flooding } from './flooding.ts';

const setup = { w0, loss: commonLoss, steps: 3 };
/** The loss that flooding says it minimises, written out. */
const written = (level: number) => (point: LossPoint) => commonLoss(point).sub(level).abs().add(level);

describe('flooding', () => {
  test('golden: down, up, up', async () => {
    const { w, loss } = await trajectory(flooding(sgd({ lr: 0.1 }), { floodLevel: 3.6 }), setup);
    const expected =
      '0.944596976941, -1.88919395388, 2.83379093082, 0.496612092235 | 0.987665357423, -1.97533071485, 2.96299607227, 0.538088570308 | 1.02714870033, -2.05429740066, 3.08144610098, 0.604592698688';
    expectClose(w, golden(expected));
    expectClose(loss, [4.21086276704, 2.7169159227, 2.3307624799]);
  });

  test.each([
    ['one that asks for gradients', sgd({ lr: 0.1, momentum: 0.9 })],
    ['one that asks for losses', sps({ lr: 1 })],
    ['one that asks for curvature', adahessian({ lr: 0.1 })],
  ] as const)('is the base on the loss written out: %s', async (_, base) => {
    const flooded = await trajectory(flooding(base, { floodLevel: 3 }), setup);
    const direct = await trajectory(base, { ...setup, loss: written(3) });
    expectClose(flooded.w, direct.w, { relative: 1e-12 });
  });

  test('below every loss it does nothing, at the loss itself nothing moves', async () => {
    const plain = await trajectory(sgd({ lr: 0.1 }), setup);
    const low = await trajectory(flooding(sgd({ lr: 0.1 }), { floodLevel: -10 }), setup);
    expect(low.w).toEqual(plain.w);
    const still = ({ w }: LossPoint) => w.flat.dot(constant([1, 0, 0, 0])).mul(2);
    const level = await trajectory(flooding(sgd({ lr: 0.1 }), { floodLevel: 2 }), { ...setup, loss: still });
    expect(level.w[2]).toEqual([...w0]);
  });

  test('one gradient a step, no state', async () => {
    const { calls, statePerParameter } = await trajectory(flooding(sgd()), setup);
    expect(calls[0]).toEqual({ loss: 0, gradient: 1, hessianVector: 0, perExample: 0 });
    expect(statePerParameter).toBe(0);
  });

  test('gradients of single examples have the sign of the minibatch', async () => {
    const byExample = defineOptimizer({
      id: 'by-example',
      summary: 'descent along the mean of per-example gradients',
      source: 'this test',
      hyper: { lr: positive(0.1) },
      init: () => ({}),
      step: ({ w, oracle, hyper: { lr } }) => {
        const mean = w.map(() => oracle.perExampleGrads(w).mean(0));
        return { w: w.sub(mean.mul(lr)), state: {} };
      },
    });
    const task = defineTask({
      id: 'six',
      model: mlp([2, 3]),
      data: {
        x: { data: Float32Array.from({ length: 60 }, (_, i) => Math.cos(i * i)), shape: [2] },
        y: { data: Int32Array.from({ length: 30 }, (_, i) => i % 3) },
      },
      loss: (z, { y }) => meanCrossEntropy(z, y),
      batchSize: 6,
    });
    const runtime = createRuntime({ engine: 'reference' });
    const ends = [flooding(byExample(), { floodLevel: 2 }), flooding(sgd({ lr: 0.1 }), { floodLevel: 2 })].map(
      async (optimizer) => (await train({ task, optimizer, steps: 4, runtime })).parameters,
    );
    const [one, all] = (await Promise.all(ends)).map((end) => Object.values(end).flatMap((tensor) => [...tensor.data]));
    expectClose(one, all, { relative: 1e-12 });
  });
});
