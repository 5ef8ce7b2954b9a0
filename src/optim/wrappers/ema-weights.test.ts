import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { scheduleFreeSgd } from '../averaging/schedule-free-sgd.ts';
import { sgd } from '../first-order/sgd.ts';
import { emaWeights } from './ema-weights.ts';

const setup = { w0, loss: commonLoss, steps: 3 };
const run = (values: Parameters<typeof emaWeights>[1]) =>
  trajectory(emaWeights(sgd({ lr: 0.1 }), { emaDecay: 0.9, ...values }), setup);

describe('ema', () => {
  test('golden: from w0', async () => {
    const expected =
      '0.994459697694, -1.98891939539, 2.98337909308, 0.499661209223 | 0.985166587571, -1.97033317514, 2.95549976271, 0.495208649717 | 0.973285137974, -1.94657027595, 2.91985541392, 0.484965698104';
    expectClose((await run({})).evaluation, golden(expected));
  });

  test('golden: from zero, debiased', async () => {
    const { evaluation, state } = await run({ emaStart: 'debiased' });
    expectClose(state[1]['state.own.average'], [0.0944596976941, -0.188919395388, 0.283379093082, 0.0496612092235]);
    const expected =
      '0.921929408267, -1.84385881653, 2.7657882248, 0.474782366933 | 0.901421173335, -1.80284234667, 2.70426352001, 0.444522871234';
    expectClose(evaluation.slice(1), golden(expected));
  });

  test("golden: TensorFlow's and timm's warmups", async () => {
    const tensorflow = await run({ emaDecay: 0.9, emaWarmup: 'tensorflow' });
    expectClose(tensorflow.evaluation[2], golden('0.881263451359, -1.76252690272, 2.64379035408, 0.415203624635'));
    const timm = await run({ emaDecay: 0.9999, emaWarmup: 'timm' });
    expectClose(timm.evaluation[2], golden('0.892892786791, -1.78578557358, 2.67867836037, 0.433127162075'));
  });

  test("timm's decay stays within its bounds and begins after emaAfter", async () => {
    const bounded = await run({ emaDecay: 0.3, emaWarmup: 'timm' });
    const low = await run({ emaDecay: 0.9, emaWarmup: 'timm', emaPower: 1e-9, emaMinDecay: 0.3 });
    expectClose(low.evaluation, bounded.evaluation, { relative: 1e-14 });
    const late = await run({ emaWarmup: 'timm', emaAfter: 2 });
    expectClose(late.evaluation, late.w, { relative: 1e-15 });
  });

  test("'first' copies the first weights; an update every k steps", async () => {
    const { evaluation, w } = await run({ emaStart: 'first' });
    expectClose(evaluation[0], w[0], { relative: 1e-15 });
    expectClose(
      evaluation[1],
      w[1].map((x, i) => 0.9 * w[0][i] + 0.1 * x),
      { relative: 1e-14 },
    );
    const seldom = await run({ emaEvery: 2 });
    expectClose(seldom.evaluation[0], w0);
    const expected = w[1].map((x, i) => 0.9 * w0[i] + 0.1 * x);
    expectClose(seldom.evaluation.slice(1), [expected, expected], { relative: 1e-14 });
    const debiased = await run({ emaEvery: 2, emaStart: 'debiased' });
    expectClose(debiased.evaluation, [w[0], w[1], w[1]], { relative: 1e-14 });
  });

  test('a warmup has no bias correction', () => {
    expect(() => emaWeights(sgd(), { emaStart: 'debiased', emaWarmup: 'timm' })).toThrow(
      'ema(sgd): emaWarmup is timm; with emaStart debiased it must be none',
    );
  });

  test('does not change the training; one float more', async () => {
    const averaged = await run({});
    const plain = await trajectory(sgd({ lr: 0.1 }), setup);
    expect(averaged.w).toEqual(plain.w);
    expect(averaged.statePerParameter).toBe(1);
  });

  test('averages the evaluation point of a base that has one', async () => {
    const free = await trajectory(scheduleFreeSgd({ lr: 0.1 }), setup);
    const averaged = await trajectory(emaWeights(scheduleFreeSgd({ lr: 0.1 }), { emaDecay: 0 }), setup);
    expectClose(averaged.evaluation, free.evaluation, { relative: 1e-14 });
  });
});
