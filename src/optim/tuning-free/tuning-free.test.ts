import { describe, expect, test } from 'vitest';
import { constant, where } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, type LossPoint, trajectory, w0 } from '../../testing/trajectory.ts';
import { sgd } from '../first-order/sgd.ts';
import type { Optimizer } from '../optimizer.ts';
import { defineSchedule, withSchedule } from '../schedules/schedule.ts';
import { emaWeights } from '../wrappers/ema-weights.ts';
import { mechanic } from '../wrappers/mechanic.ts';
import { cocob } from './cocob.ts';
import { dAdaptationAdam, dAdaptationSgd } from './d-adaptation.ts';
import { dAdaptationAdagrad } from './d-adaptation-adagrad.ts';
import { dAdaptationAdan } from './d-adaptation-adan.ts';
import { dAdaptationLion } from './d-adaptation-lion.ts';
import { dog, ldog } from './dog.ts';
import { dowg } from './dowg.ts';
import { prodigy } from './prodigy.ts';

const run = (optimizer: Optimizer, loss = commonLoss, steps = 4) => trajectory(optimizer, { w0, loss, steps });
const scaled = (factor: number) => (point: LossPoint) => commonLoss(point).mul(factor);
/** A number of the state after each step. */
const course = ({ state }: Awaited<ReturnType<typeof run>>, name: string) => state.slice(1).map((one) => one[name][0]);
/** 0 at step 5, 1 elsewhere. */
const pausing = defineSchedule({
  id: 'pausing',
  summary: '',
  source: '',
  hyper: {},
  multiplier: ({ t }) => where(t.eq(5), 0, t.div(t)),
});
const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

describe('d-adaptation-sgd', () => {
  test('golden: momentum 0', async () => {
    const found = await run(dAdaptationSgd({ d0: 0.1, momentum: 0 }));
    expectClose(
      found.w,
      golden(
        '0.973277444321, -1.94655488864, 2.91983233296, 0.498365909496 | 0.951812587368, -1.90362517474, 2.8554377621, 0.478318252214 | 0.933633219323, -1.86726643865, 2.80089965797, 0.447682749002 | 0.901599477259, -1.80319895452, 2.70479843178, 0.408958498711',
      ),
    );
    expectClose(course(found, 'state.d'), [0.1, 0.1, 0.165435707304, 0.278330280733]);
    expect(found.statePerParameter).toBe(1 + 3 / 4);
  });

  test('golden: momentum 0.9', async () => {
    const found = await run(dAdaptationSgd({ d0: 0.1 }));
    expectClose(found.w[3], golden('0.977689468535, -1.95537893707, 2.93306840561, 0.483927426144'));
    expectClose(course(found, 'state.d'), [0.1, 0.1, 0.169798739559, 0.290238226301]);
    expect(found.statePerParameter).toBe(2 + 3 / 4);
  });

  test('does not see the scale of the loss', async () => {
    const one = await run(dAdaptationSgd({ d0: 0.1 }));
    expectClose((await run(dAdaptationSgd({ d0: 0.1 }), scaled(1e6))).w, one.w, { relative: 1e-12 });
  });
});

describe('d-adaptation-adam', () => {
  test('golden: d0 0.1', async () => {
    const found = await run(dAdaptationAdam({ d0: 0.1 }), commonLoss, 3);
    expectClose(
      found.w,
      golden(
        '0.683772414479, -1.68377232423, 2.68377229415, 0.18377518563 | 0.282718598696, -1.27014487446, 2.26718627459, -0.166776322848 | -0.366396115458, 0.41650980388, 0.299756705926, -3.67430238755',
      ),
    );
    expectClose(course(found, 'state.d'), [0.1, 1.36048460957, 3.63731732912]);
    expect(found.statePerParameter).toBe(3 + 2 / 4);
  });

  test('golden: d0 1e-6', async () => {
    const found = await run(dAdaptationAdam());
    expectClose(found.w[3], golden('0.999886534948, -1.99988653407, 2.99988653378, 0.499850885813'));
    expectClose(course(found, 'state.d'), [1e-6, 1.53517555755e-5, 3.90202297361e-5, 0.000220595649816]);
  });

  test('growth limits how fast d grows', async () => {
    const d = course(await run(dAdaptationAdam({ d0: 0.1, growth: 1.5 })), 'state.d');
    expectClose(d, [0.1, 0.15, 0.225, 0.3375]);
  });
});

test.each([
  ['d-adaptation-adagrad', dAdaptationAdagrad(), 3],
  ['d-adaptation-adan', dAdaptationAdan(), 5],
  ['d-adaptation-lion', dAdaptationLion(), 2],
])('%s: floats of state, and two numbers; one gradient', async (_, optimizer, floats) => {
  const { statePerParameter, calls } = await run(optimizer);
  expect(statePerParameter).toBe(floats + 2 / 4);
  expect(calls[1]).toEqual({ loss: 0, gradient: 1, hessianVector: 0, perExample: 0 });
});

describe('prodigy', () => {
  test('golden: d0 0.1', async () => {
    const found = await run(prodigy({ d0: 0.1 }));
    expectClose(
      found.w,
      golden(
        '0.683772414479, -1.68377232423, 2.68377229415, 0.18377518563 | 0.282718671273, -1.27014490959, 2.26718629765, -0.16677616948 | -0.245761630244, -0.632573659004, 1.61239184191, -0.757935877234 | -0.330184378565, 1.07359828962, -0.170257637042, -1.13198042919',
      ),
    );
    expectClose(course(found, 'state.d'), [0.1, 0.136048460957, 0.333427511739, 0.624259740237]);
    expect(found.statePerParameter).toBe(4 + 2 / 4);
  });

  test('golden: d0 1e-6', async () => {
    const found = await run(prodigy());
    expectClose(found.w[3], golden('0.999963512924, -1.99996351292, 2.99996351292, 0.499967228243'));
    expectClose(course(found, 'state.d'), [1e-6, 1.53517555754e-6, 4.50505264698e-6, 1.28059658072e-5]);
  });

  test('growth limits d, which catches up with the largest estimate', async () => {
    const free = course(await run(prodigy({ d0: 0.1 })), 'state.d');
    const held = await run(prodigy({ d0: 0.1, growth: 1.02 }));
    const d = course(held, 'state.d');
    // The first growth, from d0 itself, is not held back.
    expectClose(d.slice(0, 2), free.slice(0, 2));
    for (const i of [2, 3]) expect(d[i] / d[i - 1]).toBeLessThanOrEqual(1.02 + 1e-12);
    expect(course(held, 'state.largest')[3]).toBeGreaterThan(d[3]);
  });

  test('slices estimate from every k-th element, and keep as many of s and w_0', async () => {
    const { state, statePerParameter } = await run(prodigy({ d0: 0.1, slices: 2 }));
    expect(statePerParameter).toBe(2 + 2 / 2 + 2 / 4);
    // Coordinates of the common sequence do not see each other: elements 0 and 2 alone give the same estimates.
    const alone = await trajectory(prodigy({ d0: 0.1 }), {
      w0: [1, 3],
      steps: 4,
      loss: ({ w, t }) => {
        const x = w.flat.cast('float64');
        return x
          .square()
          .sum()
          .mul(0.25)
          .add(x.dot(constant([0.1, 0.3], { dtype: 'float64' })).mul(t.cos()));
      },
    });
    expectClose(
      state.map((one) => one['state.d']),
      alone.state.map((one) => one['state.d']),
    );
  });

  test('safeguardWarmup leaves lr out of the denominator: the first estimate is lr times as large', async () => {
    const first = async (safeguardWarmup: boolean) =>
      course(await run(prodigy({ d0: 0.01, lr: 2, safeguardWarmup })), 'state.d')[1];
    expect(await first(false)).toBeGreaterThan(0.01);
    expectClose([await first(true)], [2 * (await first(false))], { relative: 1e-13 });
  });
});

describe.each([
  ['d-adaptation-sgd', dAdaptationSgd({ d0: 0.1, growth: 1.02 })],
  ['d-adaptation-adam', dAdaptationAdam({ d0: 0.1, growth: 1.02 })],
  ['d-adaptation-adagrad', dAdaptationAdagrad({ d0: 0.1, growth: 1.02 })],
  ['d-adaptation-adan', dAdaptationAdan({ d0: 0.1, growth: 1.02 })],
  ['d-adaptation-lion', dAdaptationLion({ d0: 0.1, growth: 1.02 })],
  ['prodigy', prodigy({ d0: 0.1, growth: 1.02 })],
])('%s', (_, optimizer) => {
  test('d never falls, and stays where a schedule sets lr to 0', async () => {
    const { state } = await run(withSchedule(optimizer, pausing()), commonLoss, 8);
    const d = state.map((one) => one['state.d'][0]);
    for (const [i, value] of d.slice(1).entries()) expect(value).toBeGreaterThanOrEqual(d[i]);
    expect(d[4]).toBeGreaterThan(d[3]);
    expect(d[5]).toBe(d[4]);
    expect(d[6]).toBeGreaterThan(d[5]);
  });

  test('gradients of 0 move nothing, and d stays', async () => {
    const { w, state } = await run(optimizer, scaled(0));
    expectClose(w, Array(4).fill([...w0]));
    expect(state[4]['state.d']).toEqual([0.1]);
  });

  test.each([1e30, 1e-30])('gradients times %d: finite', async (factor) => {
    const { w } = await run(optimizer, scaled(factor));
    expect(w.flat().every(Number.isFinite)).toBe(true);
  });
});

describe('dog', () => {
  const golden4 =
    '0.872402008938, -1.74480401788, 2.61720602681, 0.492197353125 | 0.799330411728, -1.59866082346, 2.39799123518, 0.415797773653 | 0.72037855528, -1.44075711056, 2.16113566584, 0.257220787215 | 0.618431704313, -1.23686340863, 1.85529511294, 0.122340096837';

  test('golden', async () => {
    const found = await run(dog({ repsRel: 0.1 }));
    expectClose(found.w, golden(golden4));
    expectClose(found.evaluation[3], golden('0.647839281426, -1.29567856285, 1.94351784428, 0.163615585085')[0]);
    const eta = course(found, 'state.distance').map(
      (distance, i) => distance / Math.sqrt(found.state[i + 1]['state.squares'][0] + 1e-8),
    );
    expectClose(eta, [0.230308716055, 0.185185327912, 0.262589943489, 0.345787772974]);
    expect(found.statePerParameter).toBe(2 + 2 / 4);
  });

  test('average none keeps and evaluates nothing but w; the trained parameters do not see the average', async () => {
    const none = await run(dog({ repsRel: 0.1, average: 'none' }));
    expectClose(none.w, golden(golden4));
    expect(none.evaluation).toEqual(none.w);
    expect(none.statePerParameter).toBe(1 + 2 / 4);
  });

  test('gamma 0 is the plain mean of the iterates', async () => {
    const { w, evaluation } = await run(dog({ repsRel: 0.1, gamma: 0 }));
    expectClose(evaluation[3], w[0].map((_, i) => sum(w.map((one) => one[i])) / 4)); // biome-ignore format: one line
  });

  test('average distance weights the points at which gradients were taken', async () => {
    const found = await run(dog({ repsRel: 0.1, average: 'distance' }));
    const weights = course(found, 'state.distance');
    const points = [[...w0], ...found.w.slice(0, 3)];
    const expected = w0.map((_, i) => sum(points.map((point, t) => point[i] * weights[t])) / sum(weights));
    expectClose(found.evaluation[3], expected);
  });
});

describe('ldog', () => {
  const start = {
    a: { shape: [2], values: [1, -2] },
    b: { shape: [2], values: [3, 0.5] },
  } as const;

  test('golden: two tensors', async () => {
    const found = await trajectory(ldog({ repsRel: 0.1 }), { w0: start, loss: commonLoss, steps: 4 });
    expectClose(
      found.w,
      golden(
        '0.855278640921, -1.71055728184, 2.59594580441, 0.491763997274 | 0.772545000902, -1.5450900018, 2.36757559442, 0.411494605091 | 0.683501612745, -1.36700322549, 2.12519001498, 0.247020340401 | 0.571945572632, -1.14389114526, 1.81223567731, 0.107981657238',
      ),
    );
    expect(found.statePerParameter).toBe(2 + 4 / 4);
  });

  test('of one tensor is dog', async () => {
    expectClose((await run(ldog({ repsRel: 0.1 }))).w, (await run(dog({ repsRel: 0.1 }))).w);
  });
});

describe('dowg', () => {
  test('golden', async () => {
    const found = await run(dowg({ rEps: 0.1 }));
    expectClose(
      found.w,
      golden(
        '0.973277444321, -1.94655488864, 2.91983233296, 0.498365909496 | 0.956742649976, -1.91348529995, 2.87022794993, 0.48292281146 | 0.929550925095, -1.85910185019, 2.78865277528, 0.437232591536 | 0.877504221261, -1.75500844252, 2.63251266378, 0.374674851029',
      ),
    );
    const eta = course(found, 'state.squaredDistance').map(
      (r2, i) => r2 / Math.sqrt(found.state[i + 1]['state.weightedSquares'][0]),
    );
    expectClose(eta, [0.0482330280979, 0.0371548341538, 0.0716756099073, 0.130308606279]);
    expect(found.statePerParameter).toBe(1 + 2 / 4);
  });

  test('gradients of 0 move nothing', async () => {
    expect((await run(dowg(), scaled(0))).w).toEqual(Array(4).fill([...w0]));
  });

  describe('is universal: one step size rule for non-smooth and smooth losses', () => {
    const a = constant([1, 0.3, 0.1], { dtype: 'float64' });
    const far = [10, -7, 3.3];
    const absolute = ({ w }: LossPoint) => w.flat.cast('float64').abs().mul(a).sum();
    const quadratic = (scale: number) => ({ w }: LossPoint) => w.flat.cast('float64').square().mul(a).sum().mul(scale / 2); // biome-ignore format: one line
    const value = (w: readonly number[]) => sum(w.map((x, i) => [1, 0.3, 0.1][i] * Math.abs(x)));

    test('sum of absolute values: the weighted average falls as 1 / sqrt(T)', async () => {
      const optimizer = dowg({ rEps: 1e-2, average: 'distance' });
      const { evaluation } = await trajectory(optimizer, { w0: far, loss: absolute, steps: 1600 });
      const [early, late] = [value(evaluation[399]), value(evaluation[1599])];
      expect(early).toBeLessThan(0.25);
      expect(late).toBeLessThan(0.06);
      expect(early / late).toBeGreaterThan(3);
    });

    test('quadratic: the last iterate converges linearly, and the scale of the loss does not matter', async () => {
      const optimizer = dowg({ rEps: 1e-2 });
      const plain = await trajectory(optimizer, { w0: far, loss: quadratic(1), steps: 101 });
      expect(plain.loss[100]).toBeLessThan(1e-12);
      const magnified = await trajectory(optimizer, { w0: far, loss: quadratic(100), steps: 101 });
      expectClose(magnified.w, plain.w, { relative: 1e-9, absolute: 1e-14 });
    });
  });
});

describe('cocob', () => {
  test.each([
    [
      100,
      '0.99, -1.99, 2.99, 0.49 | 0.981667793936, -1.98162147824, 2.98160603876, 0.489068376667 | 0.974210024879, -1.97407386237, 2.97402835829, 0.482753148614 | 0.965791540275, -1.96551724802, 2.96542530683, 0.474430826248',
    ],
    [
      1,
      '0.5, -1.5, 2.5, 0 | 0.311936871997, -1.1991271433, 2.16152390041, -0.319273575378 | 0.248986353776, -0.9456733508, 1.81683153663, -0.908863775422 | 0.178873210844, -0.668977117706, 1.3855376378, 0.212623263495',
    ],
  ])('golden: alpha %d', async (alpha, expected) => {
    const found = await run(cocob({ alpha }));
    // L0 is 1e-8: the first step is 1 / alpha but for 1e-8 of it.
    expectClose(found.w, golden(expected), { relative: 1e-10, absolute: 1e-13 });
    expect(found.statePerParameter).toBe(5);
  });

  test('gradients of 0 move nothing', async () => {
    expect((await run(cocob(), scaled(0))).w).toEqual(Array(4).fill([...w0]));
  });
});

describe('mechanic', () => {
  const tuned = mechanic(sgd({ lr: 1 }), { sInit: 0.01 });

  test('golden: around SGD', async () => {
    const found = await run(tuned);
    expectClose(
      found.w,
      golden(
        '0.994459697694, -1.98891939539, 2.98337909308, 0.499661209223 | 0.989903551554, -1.97980710311, 2.96971065466, 0.495498316157 | 0.980611595608, -1.96122319122, 2.94183478682, 0.484910853949 | 0.966351320319, -1.93270264064, 2.89905396096, 0.470628975185',
      ),
    );
    const scales = found.state.slice(1).map((one) => sum(one['state.own.s']));
    expectClose(scales, [0.01, 0.0100000000282, 0.0137937212759, 0.0183818648944]);
    expect(found.statePerParameter).toBe(1 + (4 * 6) / 4);
  });

  test('is evaluated at w: an average within does not know of the scale', async () => {
    const { w, evaluation } = await run(mechanic(emaWeights(sgd({ lr: 1 })), { sInit: 0.01 }));
    expect(evaluation).toEqual(w);
  });

  test('one gradient serves the base and the bettors', async () => {
    expect((await run(tuned)).calls[2].gradient).toBe(1);
  });

  test('gradients of 0 move nothing', async () => {
    expect((await run(tuned, scaled(0))).w).toEqual(Array(4).fill([...w0]));
  });
});
