import { describe, expect, test } from 'vitest';
import { expectClose } from '../../testing/close.ts';
import { type LossPoint, trajectory } from '../../testing/trajectory.ts';
import { adamw } from '../adaptive/adamw.ts';
import { scheduleFreeSgd } from '../averaging/schedule-free-sgd.ts';
import { adahessian } from '../curvature/adahessian.ts';
import { lion } from '../first-order/lion.ts';
import { sgd } from '../first-order/sgd.ts';
import { muon } from '../matrix/muon.ts';
import { linear } from '../schedules/linear.ts';
import { withSchedule } from '../schedules/schedule.ts';
import { decayAll } from './decay-all.ts';
import { byRole, paramGroups } from './groups.ts';
import { sam } from './sam.ts';

const w0 = {
  b: { shape: [2], values: [0.3, -0.2], role: 'bias' },
  W: { shape: [2, 3], values: [1, -2, 3, 0.5, 0.1, -0.7], role: 'matrix' },
  head: { shape: [1, 2], values: [0.4, 0.8], role: 'head' },
} as const;
/** Every parameter matters to every other one's gradient. */
const loss = ({ w }: LossPoint) => {
  const { b, W, head } = w.toRecord();
  return head
    .matmul(W.sum(1).add(b).tanh().reshape([2, 1]))
    .sub(1)
    .square()
    .sum();
};
const setup = { w0, loss, steps: 4 };

describe('paramGroups', () => {
  test('groups of one method are that method', async () => {
    const base = adamw({ lr: 0.1, weightDecay: 0.1 });
    const grouped = await trajectory(byRole({ matrix: base, rest: base }), setup);
    const plain = await trajectory(base, setup);
    expectClose(grouped.w, plain.w, { relative: 1e-14 });
  });

  test('muon for matrices and adamw for the rest are muon', async () => {
    const adam = adamw({ lr: 0.01, beta2: 0.95, eps: 1e-10, weightDecay: 0 });
    const grouped = await trajectory(byRole({ matrix: muon({ lr: 0.1 }), rest: adam }), setup);
    const plain = await trajectory(muon({ lr: 0.1, adamLr: 0.01 }), setup);
    expectClose(grouped.w, plain.w, { relative: 1e-14 });
  });

  test('all groups see one gradient: one call', async () => {
    const run = await trajectory(byRole({ matrix: lion(), head: sgd(), rest: adamw() }), setup);
    expect(run.calls[0]).toEqual({ loss: 0, gradient: 1, hessianVector: 0, perExample: 0 });
    expect(run.statePerParameter).toBe((6 + 0 + 2 * 2) / 10);
  });

  test('a wrapper inside a group moves that group alone', async () => {
    const run = await trajectory(byRole({ matrix: sam(sgd({ lr: 0.1 })), rest: sgd({ lr: 0.1 }) }), setup);
    expect(run.calls[0].gradient).toBe(2);
    const around = await trajectory(sam(byRole({ rest: sgd({ lr: 0.1 }) })), setup);
    expect(around.w[0].slice(0, 2)).not.toEqual(run.w[0].slice(0, 2));
  });

  test('Hessian-vector products are those of the group: the other parameters stand still', async () => {
    const ofW = ({ w }: LossPoint) => w.leaf('W').square().square().sum();
    const together = (point: LossPoint) => ofW(point).add(point.w.leaf('W').sum().mul(point.w.leaf('b').sum()));
    // The biases sum to 0.1 and do not move.
    const apart = (point: LossPoint) => ofW(point).add(point.w.leaf('W').sum().mul(0.1));
    const options = { steps: 2, random: () => [1, -1, 1, 1, -1, 1] };
    const plain = await trajectory(adahessian(), { ...options, w0: { W: w0.W }, loss: apart });
    const still = sgd({ lr: 1e-300 });
    const grouped = await trajectory(byRole({ matrix: adahessian(), rest: still }), {
      ...options,
      w0: { W: w0.W, b: w0.b },
      loss: together,
    });
    const ofGroup = grouped.w.map((w) => w.slice(0, 6));
    expectClose(ofGroup, plain.w, { relative: 1e-13 });
  });

  test('evaluates each group where its method evaluates', async () => {
    const { w, evaluation } = await trajectory(byRole({ matrix: scheduleFreeSgd(), rest: sgd() }), setup);
    expect(evaluation[3].map((x, i) => x === w[3][i])).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  test('hyperparameters go by group, and a schedule around scales them all', async () => {
    const grouped = withSchedule(
      byRole({ matrix: sgd({ lr: 0.2 }), rest: sgd({ lr: 0.1 }) }),
      linear({ indexing: 'one' }),
    );
    expect(grouped.with({ 'matrix.lr': 0.4 }).values).toMatchObject({ 'matrix.lr': 0.4, 'rest.lr': 0.1 });
    const scheduled = await trajectory(grouped, { ...setup, steps: 1, horizon: 2 });
    const plain = await trajectory(byRole({ matrix: sgd({ lr: 0.1 }), rest: sgd({ lr: 0.05 }) }), {
      ...setup,
      steps: 1,
    });
    expectClose(scheduled.w, plain.w, { relative: 1e-14 });
    expect(() => grouped.with({ lr: 1 })).toThrow("there is no hyperparameter 'lr'");
    expect(() => byRole({ rest: sgd() }).with({ lr: 1 })).toThrow(
      "groups: there is no hyperparameter 'lr'; it has rest.lr",
    );
  });

  test('a tensor without a group, or two groups of one name, are refused', async () => {
    await expect(trajectory(byRole({ matrix: sgd() }), setup)).rejects.toThrow("groups: no group takes parameter 'b'");
    const group = { name: 'a', takes: () => true, optimizer: sgd() };
    expect(() => paramGroups([group, group])).toThrow('two groups share a name: a, a');
  });
});

test('decay-all decays biases too, and keeps its base otherwise', async () => {
  const base = adamw({ lr: 0.1, weightDecay: 0.5 });
  const spared = await trajectory(base, { ...setup, steps: 1 });
  const all = await trajectory(decayAll(base), { ...setup, steps: 1 });
  const bias = [0.3, -0.2];
  expectClose(
    all.w[0].slice(0, 2),
    spared.w[0].slice(0, 2).map((x, i) => x - 0.05 * bias[i]),
    { relative: 1e-14 },
  );
  expect(all.w[0].slice(2)).toEqual(spared.w[0].slice(2));
  expect(decayAll(base).with({ lr: 0.2 }).values.lr).toBe(0.2);
  expect(all.calls[0].gradient).toBe(1);
});
