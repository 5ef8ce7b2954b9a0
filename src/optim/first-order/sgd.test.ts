import { describe, expect, test } from 'vitest';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, flippingLoss, type LossPoint, trajectory, w0 } from '../../testing/trajectory.ts';
import { linear } from '../schedules/linear.ts';
import { withSchedule } from '../schedules/schedule.ts';
import { sgd } from './sgd.ts';

const run = (values: Parameters<typeof sgd>[0]) =>
  trajectory(sgd({ lr: 0.1, ...values }), { w0, loss: commonLoss, steps: 3 });

test.each([
  ['common', commonLoss, [0.554030230587, -1.10806046117, 1.66209069176, 0.0338790776527]],
  ['flipping', flippingLoss, [-0.332293673094, -0.583853163453, 3.16458734619, -0.998440509641]],
])('the first gradient of the %s problem', async (_, loss, g) => {
  const { w } = await trajectory(sgd({ lr: 1 }), { w0, loss, steps: 1 });
  expectClose(
    w0.map((x, i) => x - w[0][i]),
    g,
  );
});

describe('sgd', () => {
  test.each([
    [
      'plain',
      {},
      '0.944596976941, -1.88919395388, 2.83379093082, 0.496612092235 | 0.90152859646, -1.80305719292, 2.70458578938, 0.455135614161 | 0.866352091603, -1.73270418321, 2.59905627481, 0.392779133589',
    ],
    [
      'L2',
      { weightDecay: 0.1 },
      '0.934596976941, -1.86919395388, 2.80379093082, 0.491612092235 | 0.88268262669, -1.76536525338, 2.64804788007, 0.445469493239 | 0.839621594055, -1.67924318811, 2.51886478216, 0.37914162378',
    ],
    [
      'heavy ball',
      { momentum: 0.9 },
      '0.944596976941, -1.88919395388, 2.83379093082, 0.496612092235 | 0.851665875707, -1.70333175141, 2.55499762712, 0.452086497172 | 0.735344515777, -1.47068903155, 2.20603354733, 0.349809436894',
    ],
    [
      'dampened',
      { momentum: 0.9, dampening: 0.5 },
      '0.944596976941, -1.88919395388, 2.83379093082, 0.496612092235 | 0.873200065948, -1.7464001319, 2.61960019784, 0.472824736209 | 0.792062806888, -1.58412561378, 2.37618842066, 0.419795647449',
    ],
    [
      'Nesterov',
      { momentum: 0.9, nesterov: true },
      '0.894734256189, -1.78946851238, 2.68420276857, 0.493562975246 | 0.772764843067, -1.54552968613, 2.3182945292, 0.41230312773 | 0.644907288602, -1.2898145772, 1.93472186581, 0.261952658092',
    ],
    [
      'Nesterov with L2',
      { momentum: 0.9, nesterov: true, weightDecay: 0.1 },
      '0.875734256189, -1.75146851238, 2.62720276857, 0.484062975246 | 0.7308308922, -1.4616617844, 2.1924926766, 0.3904584312 | 0.57945732864, -1.15891465728, 1.73837198592, 0.22758333744',
    ],
  ])('golden: %s', async (_, values, expected) => {
    expectClose((await run(values)).w, golden(expected));
  });

  test('lr inside the buffer or outside: the same while lr is constant, not under a schedule', async () => {
    const values = { momentum: 0.9, dampening: 0.5, weightDecay: 0.1 };
    const inside = sgd({ lr: 0.1, ...values, lrInBuffer: true });
    const outside = sgd({ lr: 0.1, ...values });
    const setup = { w0, loss: commonLoss, steps: 3 };
    expectClose((await trajectory(inside, setup)).w, (await trajectory(outside, setup)).w, { relative: 1e-14 });
    const slowing = (base: typeof inside) => trajectory(withSchedule(base, linear()), setup);
    const [a, b] = [await slowing(inside), await slowing(outside)];
    expectClose(a.w[0], b.w[0], { relative: 1e-14 });
    expect(Math.abs(a.w[1][0] - b.w[1][0])).toBeGreaterThan(1e-3);
  });

  test('keeps a buffer only for momentum', async () => {
    expect((await run({})).statePerParameter).toBe(0);
    expect((await run({ momentum: 0.9 })).statePerParameter).toBe(1);
  });

  test('asks for one gradient a step', async () => {
    expect((await run({ momentum: 0.9 })).calls).toEqual(
      Array(3).fill({ loss: 0, gradient: 1, hessianVector: 0, perExample: 0 }),
    );
  });

  test('on a quadratic of condition 100 Nesterov beats heavy ball, and both beat plain descent', async () => {
    const n = 50;
    const curvature = constant(Array.from({ length: n }, (_, i) => 0.01 * 100 ** (i / (n - 1))));
    const stepsTo1e6 = async (values: Parameters<typeof sgd>[0]) => {
      const loss = ({ w }: LossPoint) => w.flat.square().mul(curvature).sum().mul(0.5);
      const found = await trajectory(sgd({ lr: 0.9, ...values }), { w0: Array(n).fill(1), loss, steps: 401 });
      const reached = found.loss.findIndex((value) => value < 1e-6);
      return reached < 0 ? Number.POSITIVE_INFINITY : reached;
    };
    expect(await stepsTo1e6({ momentum: 0.9, nesterov: true })).toBeLessThanOrEqual(110);
    expect(await stepsTo1e6({ momentum: 0.9 })).toBeLessThanOrEqual(160);
    expect(await stepsTo1e6({ momentum: 0.9 })).toBeGreaterThan(110);
    expect(await stepsTo1e6({})).toBeGreaterThan(400);
  });

  test('refuses Nesterov without momentum or with dampening, and illegal numbers', () => {
    expect(() => sgd({ nesterov: true })).toThrow(
      'sgd: nesterov is true but momentum is 0; it needs momentum in (0, 1)',
    );
    expect(() => sgd({ nesterov: true, momentum: 0.9, dampening: 0.1 })).toThrow('it needs dampening 0');
    expect(() => sgd({ momentum: 1 })).toThrow('sgd: momentum is 1; it must lie in [0, 1)');
    expect(() => sgd({ lr: 0 })).toThrow('sgd: lr is 0; it must lie in (0, inf)');
    expect(() => sgd().with({ rate: 1 })).toThrow("sgd: there is no hyperparameter 'rate'; it has lr, momentum");
  });
});
