import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { following, R } from '../../testing/following.ts';
import { commonLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { adam } from '../adaptive/adam.ts';
import { sgd } from '../first-order/sgd.ts';
import { getOptimizer } from '../registry.ts';
import { lawa } from '../wrappers/lawa.ts';
import { polyak } from '../wrappers/polyak.ts';
import { sema } from '../wrappers/sema.ts';
import { swa } from '../wrappers/swa.ts';
import { asgd } from './asgd.ts';
import { scheduleFreeSgd } from './schedule-free-sgd.ts';

const base = sgd({ lr: 0.1 });
const on = (steps: number) => ({ w0, loss: commonLoss, steps });
const mean = (rows: readonly (readonly number[])[]) =>
  rows[0].map((_, j) => rows.reduce((sum, row) => sum + row[j], 0) / rows.length);

test('the trajectory that the golden checks average', async () => {
  expectClose((await trajectory(base, on(8))).w, R);
});

describe('polyak', () => {
  const run = async (values: Parameters<typeof polyak>[1], steps = 3) =>
    (await trajectory(polyak(base, values), on(steps))).evaluation;

  test('golden: the plain mean, with w0, with polynomial decay', async () => {
    const plain =
      '0.944596976941, -1.88919395388, 2.83379093082, 0.496612092235 | 0.923062786701, -1.8461255734, 2.7691883601, 0.475873853198 | 0.904159221668, -1.80831844334, 2.712477665, 0.448175613328';
    expectClose(await run({}), golden(plain));
    const withStart = '0.928119416251, -1.8562388325, 2.78435824875, 0.461131709996';
    expectClose((await run({ includeStart: true }))[2], golden(withStart));
    const decayed = '0.880948818587, -1.76189763717, 2.64284645576, 0.416329725651';
    expectClose((await run({ polynomialDecay: 3 }))[2], golden(decayed));
  });

  test('a suffix: the weights until it begins, then the mean of what follows', async () => {
    for (const polyakStart of [4, 0.5]) {
      const evaluation = await run({ polyakStart }, 8);
      expectClose(evaluation.slice(0, 5), R.slice(0, 5));
      expectClose(evaluation[7], mean(R.slice(4)));
      expectClose((await run({ polyakStart, includeStart: true }, 8))[7], mean(R.slice(3)));
    }
  });

  test('each iterate counts once; in the class MovingAvg the first counts twice', async () => {
    const points = [[2], [4], [9]];
    const { evaluation } = await trajectory(polyak(sgd({ lr: 1 })), { w0: [0], loss: following(points), steps: 3 });
    expectClose(evaluation[2], [5]);
    let [theirs, count] = [points[0][0], 0];
    for (const [x] of points) {
      count++;
      theirs = (theirs * count + x) / (count + 1);
    }
    expect(evaluation[2][0]).not.toBeCloseTo(theirs);
    expect(theirs).toBeCloseTo(mean([points[0], ...points])[0]);
  });

  test('leaves the training alone; one float more, and one number', async () => {
    const averaged = await trajectory(polyak(adam()), on(3));
    expect(averaged.w).toEqual((await trajectory(adam(), on(3))).w);
    expect(averaged.statePerParameter).toBe(2 + 1 + 1 / 4);
  });

  test('averages where the base would be evaluated', async () => {
    const free = await trajectory(scheduleFreeSgd({ lr: 0.1 }), on(3));
    const averaged = await trajectory(polyak(scheduleFreeSgd({ lr: 0.1 })), on(3));
    expectClose(averaged.evaluation[2], mean(free.evaluation), { relative: 1e-14 });
  });
});

describe('asgd', () => {
  test("golden: PyTorch's average leaves out the first iterate", async () => {
    const run = await trajectory(asgd({ lr: 0.1, lambda: 0, averageStart: 0, averageForm: 'pytorch' }), on(4));
    const expected =
      '0.883940344031, -1.76788068806, 2.65182103209, 0.423957373875 | 0.865817203765, -1.73163440753, 2.59745161129, 0.398303059942';
    expectClose(run.evaluation.slice(2), golden(expected));
    expectClose(run.evaluation.slice(0, 2), R.slice(0, 2));
  });

  test('without lambda it is polyak(sgd)', async () => {
    const own = await trajectory(asgd({ lr: 0.1, lambda: 0, averageStart: 0.25, weightDecay: 0.01 }), on(8));
    const composed = await trajectory(polyak(sgd({ lr: 0.1, weightDecay: 0.01 }), { polyakStart: 0.25 }), on(8));
    expectClose(own.w, composed.w, { relative: 1e-14 });
    expectClose(own.evaluation, composed.evaluation, { relative: 1e-14 });
  });

  test('lambda decays rate and weights', async () => {
    const { w } = await trajectory(asgd({ lr: 0.5, lambda: 0.2, alpha: 2 }), {
      w0: [1],
      loss: (p) => p.w.flat.sum(),
      steps: 2,
    });
    const first = 1 - 0.2 * 0.5 - 0.5;
    const eta = 0.5 / 1.1 ** 2;
    expectClose(w, [[first], [first * (1 - 0.2 * eta) - eta]], { relative: 1e-14 });
  });
});

describe('swa', () => {
  test('golden: the mean of w2, w4, w6; between them the mean stays', async () => {
    const { evaluation, w } = await trajectory(swa(base, { swaStart: 0, swaEvery: 2 }), on(7));
    const expected = golden('0.822496928093, -1.64499385619, 2.46749078428, 0.388159498566');
    expectClose(evaluation[5], expected);
    expectClose(evaluation[6], expected);
    expectClose(evaluation[0], R[0]);
    expectClose(w, R.slice(0, 7));
  });

  test('begins after swaStart; windows begin anew', async () => {
    const late = await trajectory(swa(base, { swaStart: 0.5, swaEvery: 2 }), on(8));
    expectClose(late.evaluation.slice(0, 5), R.slice(0, 5));
    expectClose(late.evaluation[7], mean([R[5], R[7]]));
    const windows = await trajectory(swa(base, { swaStart: 0, swaEvery: 2, swaWindow: 4 }), on(8));
    expectClose(windows.evaluation[2], R[1]);
    expectClose(windows.evaluation[6], mean([R[3], R[5]]));
    expectClose(windows.evaluation[7], R[7]);
    expect(() => swa(base, { swaEvery: 2, swaWindow: 5 })).toThrow(
      'swa(sgd): swaWindow is 5; it must be a multiple of swaEvery, 2',
    );
  });
});

describe('lawa', () => {
  const values = { lawaEvery: 1, lawaCheckpoints: 3 };

  test('golden: three latest, and the two that there are', async () => {
    const { evaluation, statePerParameter } = await trajectory(lawa(base, values), on(5));
    expectClose(evaluation[4], golden('0.827059590016, -1.65411918003, 2.48117877005, 0.360254921185'));
    expectClose(evaluation[1], golden('0.923062786701, -1.8461255734, 2.7691883601, 0.475873853198'));
    expect(statePerParameter).toBe(3);
  });

  test('checkpoints every so many steps; the weights before the first', async () => {
    const { evaluation } = await trajectory(lawa(base, { lawaEvery: 3, lawaCheckpoints: 2 }), on(8));
    expectClose(evaluation[1], R[1]);
    expectClose(evaluation[4], R[2]);
    expectClose(evaluation[7], mean([R[2], R[5]]));
  });

  test('written back, training goes on from the mean', async () => {
    const { w } = await trajectory(lawa(base, { lawaEvery: 2, lawaCheckpoints: 2, lawaWriteBack: true }), on(4));
    expectClose(w.slice(0, 2), R.slice(0, 2));
    expectClose(w[3], mean([R[1], R[3]]));
  });

  test('one checkpoint of every step is the weights', async () => {
    const { evaluation, w } = await trajectory(lawa(base, { lawaEvery: 1, lawaCheckpoints: 1 }), on(3));
    expectClose(evaluation, w, { relative: 1e-15 });
  });
});

describe('sema', () => {
  const values = { semaDecay: 0.9, switchEvery: 2 };

  test('golden', async () => {
    const { w, evaluation } = await trajectory(sema(base, values), on(5));
    const expected =
      '0.944596976941, -1.88919395388, 2.83379093082, 0.496612092235 | 0.985166587571, -1.97033317514, 2.95549976271, 0.495208649717 | 0.945808183158, -1.89161636632, 2.83742454947, 0.430848517367 | 0.973613093437, -1.94722618687, 2.92083928031, 0.4782114075 | 0.922095816911, -1.84419163382, 2.76628745073, 0.465647324544';
    expectClose(w, golden(expected));
    expectClose(evaluation[2], golden('0.981230747129, -1.96246149426, 2.94369224139, 0.488772636482'));
  });

  test('without a switch it is ema; a decay of 0 is the base', async () => {
    const held = await trajectory(sema(base, { ...values, switchStart: 8 }), on(6));
    const average = await trajectory(getOptimizer('ema(sgd)', { emaDecay: 0.9, lr: 0.1 }) as typeof base, on(6));
    expectClose(held.w, average.w, { relative: 1e-15 });
    expectClose(held.evaluation, average.evaluation, { relative: 1e-15 });
    const none = await trajectory(sema(base, { semaDecay: 0, switchEvery: 2 }), on(6));
    expectClose(none.w, R.slice(0, 6));
  });

  test('the warmup weighs early iterates more: m + (1 - m) exp(-t / T)', async () => {
    const { evaluation } = await trajectory(sema(sgd({ lr: 1 }), { semaDecay: 0.9, semaWarmup: 4 }), {
      w0: [0],
      loss: following([[1], [3]]),
      steps: 2,
    });
    const share = (t: number) => 0.1 + 0.9 * Math.exp(-t / 4);
    expectClose(evaluation[1], [(1 - share(2)) * share(1) + 3 * share(2)], { relative: 1e-14 });
  });
});
