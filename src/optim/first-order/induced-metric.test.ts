import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, type LossPoint, rosenbrockLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { adam } from '../adaptive/adam.ts';
import type { Optimizer } from '../optimizer.ts';
import { inducedMetric } from './induced-metric.ts';
import { sgd } from './sgd.ts';

type Values = Parameters<typeof inducedMetric>[0];
const run = (values: Values, setup: Partial<Parameters<typeof trajectory>[1]> = {}) =>
  trajectory(inducedMetric(values), { w0, loss: commonLoss, steps: 3, ...setup });

describe('induced-metric', () => {
  test.each<[Values, string]>([
    [
      {},
      '0.96125240223, -1.92250480446, 2.88375720669, 0.497630575371 | 0.924711482591, -1.84942296518, 2.77413444777, 0.480258564561 | 0.890423372255, -1.78084674451, 2.67127011677, 0.450796465383',
    ],
    [
      { weightDecay: 0.1 },
      '0.95125240223, -1.90250480446, 2.85375720669, 0.492630575371 | 0.905299102822, -1.81059820564, 2.71589730847, 0.470384672143 | 0.86219582379, -1.72439164758, 2.58658747137, 0.436279806326',
    ],
    [
      { variant: 'log' },
      '0.987154240507, -1.97430848101, 2.96146272152, 0.499214478815 | 0.971023261141, -1.94204652228, 2.91306978342, 0.491636651601 | 0.951535792669, -1.90307158534, 2.85460737801, 0.475260892998',
    ],
    [
      { variant: 'rms' },
      '0.925138833751, -1.92513883308, 2.92513883285, 0.425138854497 | 0.849868353416, -1.84959072846, 2.84950746884, 0.364039540269 | 0.775165941337, -1.77403361913, 2.77370477803, 0.296331780918',
    ],
  ])('golden: %j', async (values, expected) => {
    const { w, loss } = await run(values);
    expectClose(w, golden(expected));
    if (values?.variant === 'log') expectClose(loss, [4.21086276704, 2.98093805522, 2.20938685605]);
  });

  test("xi 0 is SGD with averaged momentum, Adam for 'rms', and descent of log L for 'log'", async () => {
    const setup = { w0, loss: commonLoss, steps: 5 };
    const free = { lr: 0.1, xi: 0 };
    const adams = await trajectory(adam({ lr: 0.1, beta2: 0.99 }), setup);
    expectClose((await run({ ...free, variant: 'rms' }, { steps: 5 })).w, adams.w, { relative: 1e-13 });
    const plain = await trajectory(sgd({ lr: 0.1 }), setup);
    expectClose((await run({ ...free, momentum: 0 }, { steps: 5 })).w, plain.w, { relative: 1e-13 });
    const logs = await trajectory(sgd({ lr: 0.1 }), { ...setup, loss: (point) => commonLoss(point).log() });
    expectClose((await run({ ...free, momentum: 0, variant: 'log' }, { steps: 5 })).w, logs.w, { relative: 1e-13 });
  });

  test('clips smoothly: with beta and momentum 0 a step is g / (1 + xi |g|^2), never longer than lr / (2 sqrt(xi))', async () => {
    for (const scale of [1e-3, 1, 1e3, 1e30]) {
      const { w } = await run(
        { lr: 1, momentum: 0, beta: 0, xi: 0.25 },
        { loss: ({ w: at }) => at.flat.sum().mul(scale), w0: [0], steps: 1 },
      );
      expectClose(w[0], [-scale / (1 + 0.25 * scale ** 2)], { relative: 1e-12 });
      expect(Math.abs(w[0][0])).toBeLessThanOrEqual(1);
    }
  });

  test("'log' at a loss and a gradient of 0 stays; lossShift is added to the loss", async () => {
    const nothing = ({ w }: LossPoint) => w.flat.sum().mul(0);
    const still = await run({ variant: 'log' }, { loss: nothing });
    expect(still.w[2]).toEqual([...w0]);
    const shifted = await run({ variant: 'log', lossShift: 2 });
    const moved = await run({ variant: 'log' }, { loss: (point) => commonLoss(point).add(2) });
    expectClose(shifted.w, moved.w, { relative: 1e-15 });
  });

  test('keeps one float and a scalar, two for rms; one gradient', async () => {
    expect((await run({})).statePerParameter).toBe(1.25);
    const { statePerParameter, calls } = await run({ variant: 'rms' });
    expect(statePerParameter).toBe(2.25);
    expect(calls[0]).toEqual({ loss: 0, gradient: 1, hessianVector: 0, perExample: 0 });
  });

  // Steps until the loss is at most 1e-7, from (0, 0), as the authors' notebook counts them.
  const beale = ({ w }: LossPoint) => {
    const x = w.flat.at(0, 0);
    const y = w.flat.at(0, 1);
    const part = (c: number, power: number) => x.mul(y.pow(power)).sub(x).add(c).square();
    return part(1.5, 1).add(part(2.25, 2)).add(part(2.625, 3));
  };
  const stepsTo = async (optimizer: Optimizer, loss: (point: LossPoint) => ReturnType<typeof beale>, steps: number) =>
    (await trajectory(optimizer, { w0: [0, 0], loss, steps })).loss.findIndex((value) => value <= 1e-7);
  test.each<[string, Values, typeof beale, number]>([
    ['Rosenbrock, plain', { lr: 0.01, momentum: 0.99, xi: 0.1 }, rosenbrockLoss, 203],
    ['Rosenbrock, rms', { variant: 'rms', lr: 0.01, xi: 0.01, betaRms: 0.99 }, rosenbrockLoss, 425],
    ['Beale, log', { variant: 'log', momentum: 0.5, xi: 0.01 }, beale, 55],
    ['Beale, rms', { variant: 'rms', lr: 1, momentum: 0.75, xi: 0.01, betaRms: 0.999 }, beale, 64],
    ['Beale, plain', { momentum: 0.5, xi: 0.01 }, beale, 186],
  ])("reaches the minimum in as many steps as the authors' code: %s", async (_, values, loss, expected) => {
    expect(await stepsTo(inducedMetric({ beta: 0, ...values }), loss, expected + 20)).toBe(expected);
  });
});
