import { describe, expect, it } from 'vitest';
import { linear, log, logOneMinus, quantile } from '../../optim/hyper.ts';
import { finishStudy } from '../../testing/finish-study.ts';
import { coordinateDescent } from './coordinate-descent.ts';
import { evenGrid, nearestIn, quantileOf } from './grid.ts';
import type { Study } from './tuner.ts';

type Values = Readonly<Record<string, number>>;

const study: Study = {
  space: { lr: log(0.004, 0.032), weightDecay: linear(0, 0.2), warmup: log(500, 4000) },
  start: { lr: 0.032, weightDecay: 0, warmup: 500 },
  grids: { lr: [0.004, 0.008, 0.016, 0.032], weightDecay: [0, 0.1, 0.2], warmup: [500, 1000, 2000, 4000] },
  steps: 10,
  seed: 0,
};

const loss = ({ lr, weightDecay, warmup }: Values): number => {
  const x = Math.log2(lr / 0.008);
  const z = Math.log2(warmup / 1000);
  return 3.5 + 0.02 * x ** 2 + 2 * (weightDecay - 0.12) ** 2 + 0.004 * (z - 1 + 0.5 * x) ** 2;
};

describe('coordinate descent', () => {
  it('takes the steps of a worked example, and 14 of the 48 settings', () => {
    const { probes, best, scores } = finishStudy(coordinateDescent, study, {}, loss);
    expect(probes.map(({ values }) => Object.values(values).join(' '))).toEqual([
      '0.032 0 500',
      ...['0.004 0 500', '0.008 0 500', '0.016 0 500'],
      ...['0.008 0.1 500', '0.008 0.2 500'],
      ...['0.008 0.1 1000', '0.008 0.1 2000', '0.008 0.1 4000'],
      ...['0.004 0.1 2000', '0.016 0.1 2000', '0.032 0.1 2000'],
      ...['0.008 0 2000', '0.008 0.2 2000'],
    ]);
    expect(best?.values).toEqual({ lr: 0.008, weightDecay: 0.1, warmup: 2000 });
    expect([0, 2, 4, 7].map((i) => scores[i])).toEqual(
      [3.6128, 3.5448, 3.5168, 3.5008].map((score) => expect.closeTo(score, 12)),
    );
  });

  it('leaves those settings within 6.4e-3 of the end that the worked example names', () => {
    const { probes, scores, least } = finishStudy(coordinateDescent, study, {}, loss);
    const near = probes.filter((_, i) => scores[i] <= least + 6.4e-3);
    expect(near.map(({ values }) => values)).toEqual(
      [1000, 2000, 4000].map((warmup) => ({ lr: 0.008, weightDecay: 0.1, warmup })),
    );
  });

  it('asks for all values of one hyperparameter at once', () => {
    const options = coordinateDescent.options.parse({});
    expect(coordinateDescent.advise(study, options, new Map()).probes).toHaveLength(4);
  });

  it('stays where a gain is not more than delta', () => {
    const { best } = finishStudy(coordinateDescent, study, { delta: 0.07 }, loss);
    expect(best?.values).toEqual(study.start);
  });

  it('leaves a start that diverged for any value that does not', () => {
    const { best } = finishStudy(coordinateDescent, study, { delta: 1 }, (values) =>
      values.lr > 0.02 ? Number.POSITIVE_INFINITY : loss(values),
    );
    expect(best?.values.lr).toBe(0.008);
  });

  it('has no best setting when all diverge', () => {
    const { best, probes } = finishStudy(coordinateDescent, study, {}, () => Number.NaN);
    expect(best).toBeNull();
    expect(probes).toHaveLength(4 + 2 + 3);
  });

  it('never needs more probes than it announces', () => {
    const most = coordinateDescent.most(study, coordinateDescent.options.parse({ sweeps: 2 }));
    expect(most).toEqual({ probes: 17, steps: 170, fewer: true });
    const { probes } = finishStudy(coordinateDescent, study, { sweeps: 2, delta: 0 }, (values) =>
      Math.sin(1e4 * loss(values)),
    );
    expect(probes.length).toBeLessThanOrEqual(17);
    expect(coordinateDescent.most(study, coordinateDescent.options.parse({})).probes).toBe(48);
  });

  it('derives grids from tuning ranges, with the start snapped to them', () => {
    const bare: Study = { ...study, grids: undefined, start: { lr: 0.009, weightDecay: 0.19, warmup: 1e9 } };
    const { probes } = finishStudy(coordinateDescent, bare, { points: 4 }, loss);
    expect(probes[0].values).toEqual({ lr: expect.closeTo(0.008, 12), weightDecay: 0.2, warmup: 4000 });
  });
});

describe('grids', () => {
  it('are even in quantile, ends and all', () => {
    expect(evenGrid(log(1e-4, 1), 5)).toEqual([1e-4, 1e-3, 1e-2, 1e-1, 1].map((value) => expect.closeTo(value, 14)));
    expect(evenGrid(logOneMinus(0.9, 0.999), 3)).toEqual([0.9, 0.99, 0.999].map((value) => expect.closeTo(value, 14)));
    expect(evenGrid(linear(2, 4), 1)).toEqual([3]);
  });

  it('have a quantile for every value, the inverse of the value at a quantile', () => {
    for (const range of [linear(-1, 3), log(1e-5, 1e-1), logOneMinus(0.8, 0.999)]) {
      for (const u of [0, 0.1, 0.5, 0.93, 1]) expect(quantileOf(range, quantile(range, u))).toBeCloseTo(u, 12);
    }
  });

  it('may hold a 0 that the range of its hyperparameter has no quantile for', () => {
    const range = log(1e-4, 1);
    expect(nearestIn([0, 0.01, 0.1], range, 0)).toBe(0);
    expect(nearestIn([0, 0.01, 0.1], range, 0.02)).toBe(1);
    expect(nearestIn([0.01, 0.1], range, 0)).toBe(0);
  });
});
