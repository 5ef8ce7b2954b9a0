import { describe, expect, test } from 'vitest';
import { scalar } from '../../tensor/tensor.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { at, factors, near } from '../../testing/factors.ts';
import { commonLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { lbfgs } from '../curvature/lbfgs.ts';
import { sgd } from '../first-order/sgd.ts';
import { sgdol } from '../first-order/sgdol.ts';
import { muon } from '../matrix/muon.ts';
import { getOptimizer } from '../registry.ts';
import { cosine } from './cosine.ts';
import { linear } from './linear.ts';
import { defineSchedule, isLearningRate, withSchedule } from './schedule.ts';
import { table } from './table.ts';
import { untunedWarmup } from './warmup.ts';

const paper = { indexing: 'one' };

describe('golden', () => {
  test('1 / t', async () => {
    const found = await factors('inverse-time', { ...paper, finalRatio: 1 / 6 }, 10);
    expectClose(at(found, 1, 2, 10), [0.666666666667, 0.5, 0.166666666667], near);
  });

  test('1 / sqrt(t)', async () => {
    const found = await factors('inverse-sqrt', { ...paper, finalRatio: 1 / (1 + 0.5 * Math.sqrt(10)) }, 10);
    expectClose(at(found, 1, 2, 3, 10), [0.666666666667, 0.585786437627, 0.535898384862, 0.387425886723], near);
  });

  test('stagewise', async () => {
    const found = await factors('stagewise', { milestone1: 4, milestone2: 8 }, 10);
    expectClose(found, [1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01], near);
    expectClose(await factors('stagewise', { milestone1: 0.4, milestone2: 0.8 }, 10), found, near);
    expectClose(await factors('stagewise', { milestone1: 0, milestone2: 0 }, 3), [1, 1, 1], near);
  });

  test('exponential', async () => {
    const found = await factors('exponential', { ...paper, finalRatio: 0.01 }, 10);
    expectClose(at(found, 1, 2, 10), [0.63095734448, 0.398107170553, 0.01], near);
    const steep = await factors('exponential', { ...paper, finalRatio: 1e-3 }, 10);
    expectClose(at(steep, 1, 2, 5, 10), [0.501187233627, 0.251188643151, 0.0316227766017, 0.001], near);
  });

  test('cosine, counted from 1 as in the paper', async () => {
    const found = await factors('cosine', paper, 10);
    expectClose(
      at(found, 1, 2, 3, 5, 9, 10),
      [0.975528258148, 0.904508497187, 0.793892626146, 0.5, 0.0244717418524, 0],
      near,
    );
    const tenth = await factors('cosine', { ...paper, floor: 0.1 }, 10);
    expectClose(at(tenth, 1, 2, 5, 9, 10), [0.977975432333, 0.914057647469, 0.55, 0.122024567667, 0.1], near);
  });

  test('cosine, counted from 0: the same one step later; clipped to the floor beyond the horizon', async () => {
    const found = await factors('cosine', {}, 12, 10);
    expectClose(
      at(found, 1, 2, 3, 6, 10, 11, 12),
      [1, 0.975528258148, 0.904508497187, 0.5, 0.0244717418524, 0, 0],
      near,
    );
  });

  test('linear to zero after warmup', async () => {
    const rest = [1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125, 0];
    expectClose(await factors('linear', { warmup: 2, warmupForm: 'zero-based' }, 11, 10), [0, 0.5, ...rest], near);
    expectClose(await factors('linear', { warmup: 2 }, 11, 10), [0.5, 1, ...rest], near);
    expectClose(await factors('linear', { warmup: 0.2 }, 11, 10), [0.5, 1, ...rest], near);
    const hundredth = await factors('linear', { warmup: 4, warmupForm: 'hundredth' }, 10);
    expectClose(at(hundredth, 1, 2), [0.01, 0.2575], near);
  });

  test('1 / t and 1 / sqrt(t) of a base rate 0.1', async () => {
    const tenth = { ...paper, lr: 0.1 };
    const inverse = await factors('inverse-time', { ...tenth, finalRatio: 0.4 }, 3);
    expectClose(inverse, [0.0666666666667, 0.05, 0.04], near);
    const root = await factors('inverse-sqrt', { ...tenth, finalRatio: 1 / (1 + 0.5 * Math.sqrt(3)) }, 3);
    expectClose(root, [0.0666666666667, 0.0585786437627, 0.0535898384862], near);
  });

  test('exponential from the beta of the theory: the last factor is beta / T', async () => {
    const [first] = await factors('exponential', { ...paper, finalRatio: 1 / 10 }, 10);
    expectClose([first], [0.794328234724], near);
  });

  test('cosine that ends early and holds its floor', async () => {
    const held = { warmup: 4, warmupForm: 'hundredth', floor: 0.1, hold: 4 };
    const found = await factors('cosine', held, 20);
    expectClose(at(found, 1, 3, 5, 11, 16, 17, 20), [0.01, 0.505, 1, 0.55, 0.11533337817, 0.1, 0.1], near);
    expectClose(await factors('cosine', { ...held, hold: 0.2 }, 20), found, near);
  });

  test('indexing inner wastes no step: 1 - t / (T + 1), of the whole run or of the cooldown', async () => {
    expectClose(await factors('linear', { indexing: 'inner' }, 4), [0.8, 0.6, 0.4, 0.2], near);
    const cooldown = { warmup: 0, shape: 'linear', cooldown: 3, cooldownIndexing: 'inner' };
    expectClose(await factors('wsd', cooldown, 5), [1, 1, 0.75, 0.5, 0.25], near);
  });

  test('polynomial', async () => {
    const found = await factors('polynomial', { decayPower: 2, floor: 0.1 }, 12, 10);
    expectClose(at(found, 1, 2, 6, 11, 12), [1, 0.829, 0.325, 0.1, 0.1], near);
    const line = await factors('linear', { floor: 0.1 }, 6);
    expectClose(await factors('polynomial', { decayPower: 1, floor: 0.1 }, 6), line, { relative: 1e-14 });
  });

  test('linear as the theory counts it: 1 - t / T, or to a tenth', async () => {
    expectClose(await factors('linear', paper, 4), [0.75, 0.5, 0.25, 0], near);
    expectClose(await factors('linear', { floor: 0.1 }, 4), [1, 0.775, 0.55, 0.325], near);
  });

  test.each([
    ['1-sqrt', 0, '0.5, 0.292893218813, 0.133974596216'],
    ['linear', 0, '0.75, 0.5, 0.25'],
    ['cosine', 0, '0.853553390593, 0.5, 0.146446609407'],
    ['mirror-cosine', 0, '0.646446609407, 0.5, 0.353553390593'],
    ['square', 0, '0.9375, 0.75, 0.4375'],
    ['exponential', 0.1, '0.56234132519, 0.316227766017, 0.177827941004'],
  ])('wsd, shape %s', async (shape, floor, expected) => {
    const found = await factors('wsd', { warmup: 4, shape, floor }, 21, 20);
    expectClose(at(found, 1, 2, 5, 16, 17), [0.01, 0.2575, 1, 1, 1], near);
    expectClose(at(found, 18, 19, 20, 21), [...golden(expected)[0], floor], near);
    // The last executed step has the floor when the cooldown counts from 1.
    const one = await factors('wsd', { warmup: 4, shape, floor, cooldownIndexing: 'one' }, 20);
    expectClose(at(one, 17, 18, 19, 20), [...golden(expected)[0], floor], near);
  });

  test.each(['1-sqrt', 'linear', 'cosine', 'mirror-cosine', 'square'])(
    'wsd, shape %s falls to its floor',
    async (shape) => {
      const toZero = await factors('wsd', { shape, warmup: 0 }, 21, 20);
      const toTenth = await factors('wsd', { shape, warmup: 0, floor: 0.1 }, 21, 20);
      expectClose(
        toTenth,
        toZero.map((x) => 0.1 + 0.9 * x),
        near,
      );
    },
  );

  test('exponential with Nesterov momentum and L2', async () => {
    const name = 'exponential(sgd)';
    const values = { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01, indexing: 'one', finalRatio: 0.9 ** 3 };
    const { w } = await trajectory(getOptimizer(name, values) as ReturnType<typeof sgd>, {
      w0,
      loss: commonLoss,
      steps: 3,
    });
    expectClose(
      w,
      golden(
        '[0.90355083057,-1.80710166114,2.71065249171,0.493351677721] | [0.802030505815,-1.60406101163,2.40609151744,0.426460142346] | [0.704359379002,-1.408718758,2.11307813701,0.314732714711]',
      ),
    );
  });
});

describe('warmup', () => {
  test('half a cosine', async () => {
    const found = await factors('constant', { warmup: 4, warmupForm: 'cosine' }, 6);
    expectClose(found, [0, (1 - Math.SQRT1_2) / 2, 0.5, (1 + Math.SQRT1_2) / 2, 1, 1], near);
  });

  test('exponential: a time constant, over the whole run', async () => {
    const found = await factors('linear', { warmup: 2, warmupForm: 'exponential' }, 4);
    const expected = [1, 0.75, 0.5, 0.25].map((x, s) => x * (1 - Math.exp(-(s + 1) / 2)));
    expectClose(found, expected, near);
    expect(untunedWarmup(0.999)).toBeCloseTo(2000, 8);
    expect(untunedWarmup(0.999, 'exponential')).toBeCloseTo(1000, 8);
  });

  test('may multiply the schedule of the whole run', async () => {
    const found = await factors('linear', { warmup: 2, warmupMode: 'multiply' }, 5);
    expectClose(found, [0.5, 0.8, 0.6, 0.4, 0.2], near);
  });

  test.each(['one-based', 'zero-based', 'hundredth', 'cosine', 'exponential'])(
    '%s without steps is none',
    async (warmupForm) => {
      for (const warmupMode of ['before', 'multiply']) {
        const plain = { warmup: 0, warmupForm, warmupMode };
        expectClose(await factors('linear', plain, 4), [1, 0.75, 0.5, 0.25], near);
      }
    },
  );
});

describe('withSchedule', () => {
  test('another horizon needs no other program', async () => {
    const { programs } = await trajectory(withSchedule(sgd(), cosine()), {
      w0,
      loss: commonLoss,
      steps: 5,
      horizon: 9,
    });
    expect(programs).toBe(1);
  });

  test('scales every learning rate of a method', async () => {
    const start = {
      W: { shape: [2, 2], values: [1, 2, 3, 4.5], role: 'matrix' },
      b: { shape: [1], values: [1], role: 'bias' },
    } as const;
    const setup = {
      w0: start,
      loss: ({ w }: { w: Parameters<typeof commonLoss>[0]['w'] }) => w.flat.square().sum(),
      steps: 1,
    };
    const half = await trajectory(withSchedule(muon({ lr: 0.2, adamLr: 0.1 }), linear({ indexing: 'one' })), {
      ...setup,
      horizon: 2,
    });
    const plain = await trajectory(muon({ lr: 0.1, adamLr: 0.05 }), setup);
    expectClose(half.w, plain.w, { relative: 1e-14 });
  });

  test('schedules multiply', async () => {
    const halved = defineSchedule({
      id: 'halved',
      summary: '',
      source: '',
      hyper: {},
      multiplier: () => scalar(0.5, 'float64'),
    });
    const optimizer = withSchedule(withSchedule(sgd({ lr: 1 }), halved()), linear());
    const { w } = await trajectory(optimizer, { w0: [0], loss: (point) => point.w.flat.sum(), steps: 2 });
    expectClose(w, [[-0.5], [-0.75]]);
  });

  test('a table of multipliers; the last one stays', async () => {
    const optimizer = withSchedule(sgd({ lr: 1 }), table([1, 0.5, 0.25]));
    const { w } = await trajectory(optimizer, { w0: [0], loss: (point) => point.w.flat.sum(), steps: 4 });
    expectClose(w, [[-1], [-1.5], [-1.75], [-2]]);
    expect(table([1, 0.5]).id).not.toBe(table([1, 0.6]).id);
    expect(() => table([1, Number.NaN])).toThrow('multiplier 1 is NaN; it must lie in [0, inf)');
    expect(() => table([])).toThrow('holds no multiplier');
  });

  test("its hyperparameters and the method's are set together", () => {
    const optimizer = withSchedule(sgd({ momentum: 0.9 }), cosine({ floor: 0.1 })).with({ lr: 0.3, floor: 0.2 });
    expect(optimizer.id).toBe('cosine(sgd)');
    expect(optimizer.values).toMatchObject({ lr: 0.3, momentum: 0.9, floor: 0.2 });
  });

  test('refuses what it cannot schedule and illegal values', () => {
    expect(() => withSchedule(sgdol(), linear())).toThrow(
      'linear(sgdol): sgdol has no learning rate that a schedule could scale',
    );
    expect(() => withSchedule(sgd(), linear({ floor: 2 }))).toThrow('floor is 2; it must lie in [0, 1]');
    expect(() => getOptimizer('wsd(sgd)', { shape: 'exponential' })).toThrow(
      'floor is 0; shape exponential needs it in (0, 1]',
    );
    expect(lbfgs().kind).toBe('driven');
    expect(() => getOptimizer('linear(lbfgs)')).toThrow('lbfgs runs its own loop and takes no wrapper');
  });

  test('learning rates go by name', () => {
    expect(['lr', 'adamLr', 'head.lr', 'head.adamLr'].every(isLearningRate)).toBe(true);
    expect(['momentum', 'blr', 'lrx', 'head.rho'].some(isLearningRate)).toBe(false);
  });
});
