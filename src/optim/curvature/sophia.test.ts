import { describe, expect, test } from 'vitest';
import { meanCrossEntropy, sampleLabels } from '../../nn/losses.ts';
import { mlp } from '../../nn/mlp.ts';
import { fillRandom } from '../../runtime/random.ts';
import { evaluate } from '../../runtime/reference/index.ts';
import { defineTask } from '../../tasks/define.ts';
import { constant } from '../../tensor/functions.ts';
import { topological } from '../../tensor/graph.ts';
import { RandomStreams } from '../../tensor/random.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, type LossPoint, quadraticLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { train } from '../../train/train.ts';
import { OracleError } from '../oracle.ts';
import { sophia } from './sophia.ts';

/** The common gradients under a Hessian with this diagonal: a bowl around the point itself adds nothing to the gradient. */
const withCurvature = (diagonal: readonly number[]) => (point: LossPoint) => {
  const { flat } = point.w;
  const bowl = flat
    .sub(flat.stopGradient())
    .square()
    .mul(constant(diagonal.map((d) => d - 0.5)));
  return commonLoss(point).add(bowl.sum().mul(0.5).cast('float64'));
};
const setup = { w0, loss: withCurvature([400, 10, 200, 5]), steps: 3, random: () => [1, 1, 1, 1] };

describe('sophia', () => {
  test('golden: an estimate at step 1 only', async () => {
    const { w, calls, statePerParameter, programs } = await trajectory(sophia({ lr: 0.1, gamma: 0.05 }), setup);
    const expected =
      '0.978919395388, -1.88, 2.90351637233, 0.440793475756 | 0.949535920726, -1.7612, 2.77448120861, 0.336385540998 | 0.913714677825, -1.643588, 2.64673639652, 0.233021685588';
    expectClose(w, golden(expected));
    expect(calls.map(({ hessianVector }) => hessianVector)).toEqual([1, 0, 0]);
    expect(calls.map(({ gradient }) => gradient)).toEqual([1, 1, 1]);
    expect([statePerParameter, programs]).toEqual([2, 2]);
  });

  test("'gauss-newton-bartlett' squares the gradient over drawn labels, times their number", async () => {
    const drawn = [0.5, -1, 2, 0.25];
    const labels = 3;
    const sampledLoss = ({ w }: LossPoint) => ({ loss: w.flat.mul(constant(drawn)).sum(), labels });
    const options = { lr: 0.1, gamma: 0.05 } as const;
    const run = await trajectory(sophia({ ...options, estimator: 'gauss-newton-bartlett' }), { ...setup, sampledLoss });
    const hutchinson = await trajectory(sophia(options), {
      ...setup,
      loss: withCurvature(drawn.map((g) => labels * g * g)),
    });
    expectClose(run.w, hutchinson.w, { relative: 1e-12 });
    expect(run.calls.map(({ gradient }) => gradient)).toEqual([2, 1, 1]);
    expect(run.calls[0].hessianVector).toBe(0);
  });

  test('on a task: labels are drawn from the model, and the run goes on without them', async () => {
    const task = defineTask({
      id: 'three-classes',
      model: mlp([2, 3]),
      data: {
        x: { data: Float32Array.from({ length: 60 }, (_, i) => Math.cos(i * i)), shape: [2] },
        y: { data: Int32Array.from({ length: 30 }, (_, i) => i % 3) },
      },
      loss: (logits, { y }) => meanCrossEntropy(logits, y),
      labels: 'y',
      batchSize: 8,
    });
    const optimizer = sophia({ estimator: 'gauss-newton-bartlett', period: 4 });
    const { cost, status } = await train({ task, optimizer, steps: 5 });
    expect(status).toBe('finished');
    expect(cost.calls).toMatchObject({ gradient: 5 + 2, hessianVector: 0 });
    const silent = train({ task: { ...task, sampledLoss: undefined }, optimizer, steps: 5 });
    await expect(silent).rejects.toThrow("'labels' of defineTask");
  });

  test('labels are drawn from the softmax of the logits', () => {
    const logits = [0.3, -1, 1.2];
    const p = logits.map((x) => Math.exp(x)).map((x, _, all) => x / all.reduce((a, b) => a + b, 0));
    const draws = 20000;
    const uniform = new Float64Array(3 * draws);
    fillRandom(uniform, 'uniform', { seed: 1, stream: 'labels', step: 1 });
    const rows = constant(
      Array.from({ length: draws }, () => logits),
      { dtype: 'float64' },
    );
    const leaf = new RandomStreams('labels');
    const drawn = sampleLabels(rows, leaf);
    const [random] = topological([drawn]).filter((node) => node.is('random'));
    const counts = [0, 0, 0];
    for (const label of evaluate([drawn], new Map([[random, uniform]]))[0].data) counts[label]++;
    counts.forEach((count, i) => {
      // Four standard deviations.
      expect(Math.abs(count / draws - p[i])).toBeLessThan(4 * Math.sqrt((p[i] * (1 - p[i])) / draws));
    });
  });

  test('it is refused where the objective cannot draw labels', async () => {
    const run = trajectory(sophia({ estimator: 'gauss-newton-bartlett' }), setup);
    await expect(run).rejects.toThrow(OracleError);
    await expect(run).rejects.toThrow("'labels' of defineTask");
  });

  test('no element moves by more than lr, whatever the scale; negative curvature steps along the sign', async () => {
    const { w } = await trajectory(sophia({ lr: 0.1, weightDecay: 0 }), {
      ...setup,
      loss: withCurvature([-1, -2, -3, -4]),
    });
    expectClose(
      w,
      [1, 2, 3].map((t) => [1 - 0.1 * t, -2 + 0.1 * t, 3 - 0.1 * t, 0.5 - 0.1 * t]),
      { relative: 1e-12 },
    );
    const zero = await trajectory(sophia({ weightDecay: 0 }), { ...setup, loss: ({ w: x }) => x.flat.mul(0).sum() });
    expect(zero.w[2]).toEqual([...w0]);
  });

  test('an ill-conditioned quadratic with its exact diagonal falls to 1e-8 in 70 steps', async () => {
    const curvature = Array.from({ length: 20 }, (_, i) => 1e4 ** (i / 19));
    const A = curvature.map((a, i) => curvature.map((_, j) => (i === j ? a : 0)));
    const start = Array.from({ length: 20 }, (_, i) => Math.cos(3 * i));
    const { loss } = await trajectory(
      // beta2 0 keeps the newest estimate alone.
      sophia({ lr: 0.2, gamma: 1, beta1: 0, beta2: 0, weightDecay: 0, period: 1 }),
      { w0: start, loss: quadraticLoss(A), steps: 71, random: () => Array(20).fill(1) },
    );
    expect(loss[70]).toBeLessThan(1e-8);
  });

  test('refuses illegal values', () => {
    expect(() => sophia({ gamma: 0 })).toThrow('sophia: gamma is 0; it must lie in (0, inf)');
    expect(() => sophia().with({ estimator: 'fisher' })).toThrow('must be one of hutchinson, gauss-newton-bartlett');
  });
});
