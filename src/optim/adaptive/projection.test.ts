import { describe, expect, test } from 'vitest';
import { concat, constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, type LossPoint, lossWithGradient, trajectory, w0 } from '../../testing/trajectory.ts';
import { sgd } from '../first-order/sgd.ts';
import { sgdp } from '../first-order/sgdp.ts';
import { adamp } from './adamp.ts';
import { adamw } from './adamw.ts';

/** Each row of the gradient is orthogonal to its row of weights: (1 + cos(t) / 2) (-W[i, 1], W[i, 0]). */
const rotation = lossWithGradient(({ w, t }: LossPoint) => {
  const W = w.leaf('W');
  const turned = concat([W.sliceAxis(1, 1, 2).neg(), W.sliceAxis(1, 0, 1)], 1);
  return turned.mul(t.cos().mul(0.5).add(1)).reshape([-1]);
});
const matrix = (loss: typeof commonLoss) => ({ w0: asMatrix, loss, steps: 3 });
const norm = (row: readonly number[]) => Math.hypot(...row);

test('the problem', async () => {
  const { w } = await trajectory(sgd({ lr: 0.1 }), { ...matrix(rotation), steps: 1 });
  const g = [2.54030230587, 1.27015115293, -0.635075576467, 3.8104534588];
  expectClose(
    w[0],
    w0.map((x, i) => x - 0.1 * g[i]),
  );
});

describe('adamp', () => {
  test.each([
    [
      'no projection',
      commonLoss,
      {},
      '[0.890000001805, -1.8800000009, 2.8700000006, 0.395000029517] | [0.783125904338, -1.76266943014, 2.74260683184, 0.310749035758] | [0.680552057418, -1.6485725717, 2.61823086296, 0.220103084059]',
    ],
    [
      'projected rows',
      rotation,
      {},
      '[0.879000000809, -2.05800000004, 3.01591891937, 0.385986487086] | [0.7622906546, -2.10541472861, 3.02652259082, 0.27918335894] | [0.652635323122, -2.14273534584, 3.0325223525, 0.181053602108]',
    ],
    [
      'projected rows, Nesterov',
      rotation,
      { nesterov: true },
      '[0.771000001537, -2.11200000008, 3.0329459468, 0.283824325463] | [0.61991279999, -2.16476195506, 3.04254473605, 0.148557820623] | [0.499077451444, -2.19702272813, 3.04467980884, 0.042368857268]',
    ],
  ])('golden: %s', async (_, loss, values, expected) => {
    const optimizer = adamp({ lr: 0.1, weightDecay: 0.1, ...values });
    expectClose((await trajectory(optimizer, matrix(loss))).w, golden(expected));
  });

  test('is AdamW on vectors, whatever the gradient', async () => {
    const setup = { w0, loss: commonLoss, steps: 5 };
    const values = { lr: 0.1, weightDecay: 0.1 };
    expectClose(
      (await trajectory(adamp({ ...values, delta: 10 }), setup)).w,
      (await trajectory(adamw(values), setup)).w,
      {
        relative: 1e-14,
      },
    );
  });

  test('a tensor that is orthogonal as a whole and not in its rows loses its radial part as a whole', async () => {
    const loss = lossWithGradient(({ w }) => {
      const [a, b] = [w.flat.sliceAxis(0, 0, 2), w.flat.sliceAxis(0, 2, 4)];
      return concat([a.div(a.square().sum()), b.div(b.square().sum()).neg()]);
    });
    const { w } = await trajectory(adamp({ lr: 1e-3, eps: 1e-12 }), { ...matrix(loss), steps: 1 });
    const step = w[0].map((x, i) => x - w0[i]);
    expect(Math.abs(step.reduce((sum, x, i) => sum + x * w0[i], 0))).toBeLessThan(1e-12);
    expect(norm(step)).toBeGreaterThan(1e-3);
  });

  test('one row that is not orthogonal keeps the whole tensor from being projected', async () => {
    // The first row of the gradient is orthogonal to that of the weights, the second along it.
    const loss = lossWithGradient(() => constant([2, 1, 3, 0.5]));
    const setup = { ...matrix(loss), steps: 1 };
    expectClose(
      (await trajectory(adamp({ lr: 0.1 }), setup)).w,
      (await trajectory(adamw({ lr: 0.1, weightDecay: 0 }), setup)).w,
    );
  });

  test('keeps two floats, and what is all zero stays finite', async () => {
    const zeros = {
      W: { shape: [2, 2], values: [0, 0, 0, 0] },
      one: { shape: [1, 1], values: [0] },
      s: { shape: [], values: [0] },
    };
    const still = await trajectory(adamp({ weightDecay: 0.1 }), {
      w0: zeros,
      loss: ({ w }) => w.flat.sum().mul(0),
      steps: 2,
    });
    expect(still.w[1]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(still.statePerParameter).toBe(2);
  });
});

describe('sgdp', () => {
  const M1 =
    '[0.844596976941, -1.68919395388, 2.53379093082, 0.446612092235] | [0.672206178013, -1.34441235603, 2.01661853404, 0.359925287949] | [0.502137185166, -1.00427437033, 1.5064115555, 0.228513759336]';
  const twoSteps =
    '[0.735969769413, -2.10701511529, 3.03350755765, 0.11395465412] | [0.322396374612, -2.22783336327, 3.02514192199, -0.472018058315]';
  test.each([
    ['no projection', commonLoss, {}, M1],
    ['projected rows', rotation, {}, `${twoSteps} | [-0.163989720161, -2.27547485578, 2.89252142402, -1.12337657847]`],
    [
      'projected buffer',
      rotation,
      { projectBuffer: true },
      `${twoSteps} | [-0.169527925335, -2.27627630562, 2.89134802683, -1.13089682516]`,
    ],
    [
      'Nesterov',
      rotation,
      { nesterov: true },
      '[0.507342561885, -2.22132871906, 3.09066435953, -0.228986157172] | [-0.0498613211808, -2.3252198123, 3.00284122735, -0.994907642444] | [-0.597313917545, -2.29021751277, 2.73835719902, -1.69259509775]',
    ],
  ])('golden: %s', async (_, loss, values, expected) => {
    const optimizer = sgdp({ lr: 0.1, momentum: 0.9, weightDecay: 0.1, ...values });
    expectClose((await trajectory(optimizer, matrix(loss))).w, golden(expected));
  });

  test('is SGD with momentum on vectors; without momentum it keeps nothing', async () => {
    const setup = { w0, loss: commonLoss, steps: 5 };
    const values = { lr: 0.1, momentum: 0.9 };
    expectClose((await trajectory(sgdp(values), setup)).w, (await trajectory(sgd(values), setup)).w, {
      relative: 1e-14,
    });
    expect((await trajectory(sgdp(), setup)).statePerParameter).toBe(0);
    expect((await trajectory(sgdp(values), setup)).statePerParameter).toBe(1);
  });

  test('momentum inflates scale-invariant weights less than without the projection', async () => {
    const setup = { w0: asMatrix, loss: rotation, steps: 30 };
    const values = { lr: 0.02, momentum: 0.9 };
    const plain = await trajectory(sgd(values), setup);
    const projected = await trajectory(sgdp(values), setup);
    expect(norm(projected.w[29]) - norm(w0)).toBeLessThan(0.75 * (norm(plain.w[29]) - norm(w0)));
  });

  test('combinations without a meaning are refused', () => {
    expect(() => sgdp({ nesterov: true })).toThrow('nesterov is true but momentum is 0');
    expect(() => sgdp({ nesterov: true, momentum: 0.9, projectBuffer: true })).toThrow('projectBuffer is true');
    expect(() => sgdp({ wdRatio: 1.5 })).toThrow('sgdp: wdRatio is 1.5; it must lie in [0, 1]');
  });
});
