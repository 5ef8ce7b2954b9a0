import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { exponential } from '../schedules/by-ratio.ts';
import { withSchedule } from '../schedules/schedule.ts';
import { scheduleFreeAdamw } from './schedule-free-adamw.ts';
import { scheduleFreeSgd } from './schedule-free-sgd.ts';

const setup = { w0, loss: commonLoss, steps: 3 };

/** y after each step, then x and z at the end. */
const parts = async (optimizer: Parameters<typeof trajectory>[0]) => {
  const { w, evaluation, state } = await trajectory(optimizer, setup);
  return [...w, evaluation[2], state[3]['state.z']];
};

describe('schedule-free-sgd', () => {
  test('golden: no warmup', async () => {
    const expected =
      '0.944596976941, -1.88919395388, 2.83379093082, 0.496612092235 | 0.920909367676, -1.84181873535, 2.76272810303, 0.473800029294 | 0.899990893237, -1.79998178647, 2.69997267971, 0.442262677052 | 0.903836208814, -1.80767241763, 2.71150862644, 0.447864539743 | 0.865383053042, -1.73076610608, 2.59614915913, 0.391845912832';
    expectClose(await parts(scheduleFreeSgd({ lr: 0.1 })), golden(expected));
  });

  test('golden: warmup and decay', async () => {
    const expected =
      '0.971798488471, -1.94359697694, 2.91539546541, 0.498056046117 | 0.934570279743, -1.86914055949, 2.80371083923, 0.46357772603 | 0.912056679728, -1.82411335946, 2.73617003919, 0.428592905539 | 0.914659080296, -1.82931816059, 2.74397724089, 0.432573544998 | 0.888635074623, -1.77727014925, 2.66590522387, 0.392767150412';
    expectClose(await parts(scheduleFreeSgd({ lr: 0.1, warmupSteps: 2, weightDecay: 0.01 })), golden(expected));
  });

  test('one float for each parameter, and two numbers', async () => {
    expect((await trajectory(scheduleFreeSgd(), setup)).statePerParameter).toBe(1 + 2 / 4);
  });

  test('under a falling rate the weights stay at the largest one: x is the plain mean of z', async () => {
    const optimizer = withSchedule(scheduleFreeSgd({ lr: 0.1 }), exponential());
    const { evaluation, state } = await trajectory(optimizer, setup);
    const z = state.slice(1).map((one) => one['state.z']);
    expectClose(
      evaluation[2],
      z[0].map((_, i) => (z[0][i] + z[1][i] + z[2][i]) / 3),
    );
  });

  test('beta 1 is primal averaging: x and y are one', async () => {
    const { w, evaluation } = await trajectory(scheduleFreeSgd({ lr: 0.1, beta: 1 }), setup);
    expectClose(evaluation, w);
  });

  test('beta 0, where x cannot be rebuilt, is refused', () => {
    expect(() => scheduleFreeSgd({ beta: 0 })).toThrow('schedule-free-sgd: beta is 0; it must lie in (0, 1]');
  });
});

describe('schedule-free-adamw', () => {
  test.each([
    [
      'current',
      '0.899000001805, -1.8980000009, 2.8970000006, 0.399500029517 | 0.852387535226, -1.84906395582, 2.846948485, 0.321848330435 | 0.809573147407, -1.80317169453, 2.79970282531, 0.242748240148 | 0.817415128204, -1.81156185998, 2.80833545823, 0.257108129424 | 0.738995320237, -1.72766020555, 2.72200912912, 0.113509236661',
    ],
    [
      'paper',
      '0.899968434301, -1.89993678299, 2.8999051507, 0.399985122004 | 0.841207891131, -1.83889012841, 2.83810783202, 0.301436431633 | 0.788265441417, -1.78228623591, 2.78031436842, 0.20132877892 | 0.793335959754, -1.7876997218, 2.78583931586, 0.210862072367 | 0.742630776381, -1.73356486282, 2.73058984144, 0.115529137899',
    ],
  ] as const)('golden: variant %s', async (variant, expected) => {
    const optimizer = scheduleFreeAdamw({ lr: 0.1, weightDecay: 0.01, warmupSteps: 0, variant });
    expectClose(await parts(optimizer), golden(expected));
  });

  test('two floats for each parameter, and two numbers', async () => {
    expect((await trajectory(scheduleFreeAdamw(), setup)).statePerParameter).toBe(2 + 2 / 4);
  });
});
