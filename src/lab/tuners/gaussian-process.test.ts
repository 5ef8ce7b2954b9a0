import { describe, expect, it } from 'vitest';
import { linear } from '../../optim/hyper.ts';
import { finishStudy } from '../../testing/finish-study.ts';
import { gaussianProcess } from './gaussian-process.ts';
import { quasiRandom } from './quasi-random.ts';
import type { Study } from './tuner.ts';

type Values = Readonly<Record<string, number>>;

/** Branin's function (Dixon & Szegö 1978): three minima of 0.397887. */
const branin = ({ x, y }: Values): number =>
  (y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6) ** 2 +
  10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) +
  10;
const least = 0.397887;

const study = (seed: number): Study => ({
  space: { x: linear(-5, 10), y: linear(0, 15) },
  start: { x: 0, y: 0 },
  steps: 1,
  seed,
});

describe('Gaussian-process search', () => {
  it('comes within 0.06 of the minimum of Branin in 30 trials, where random search stays above it', () => {
    const gaps = [0, 1, 2].map(
      (seed) => finishStudy(gaussianProcess, study(seed), { trials: 30 }, branin).least - least,
    );
    expect(gaps.filter((gap) => gap < 0.06).length).toBe(3);
    const random = [0, 1, 2, 3, 4].map(
      (seed) => finishStudy(quasiRandom, study(seed), { trials: 200, method: 'random' }, branin).least - least,
    );
    expect(random.filter((gap) => gap < 0.05).length).toBeLessThanOrEqual(2);
  });

  it('proposes rounds of different points, each from the rounds before it', () => {
    const { probes, scores } = finishStudy(gaussianProcess, study(3), { trials: 13, parallel: 4 }, branin);
    expect(new Set(probes.map(({ values }) => JSON.stringify(values))).size).toBe(13);
    const results = new Map(probes.slice(0, 5).map(({ key }, i) => [key, { score: scores[i], loss: 0 }]));
    const now = gaussianProcess.advise(study(3), gaussianProcess.options.parse({ trials: 13, parallel: 4 }), results);
    expect(now.probes).toEqual(probes.slice(0, 9));
  });

  it('finds the minimum next to a half of the space where everything diverges', () => {
    const diverging = (values: Values): number => (values.x < 2 ? Number.POSITIVE_INFINITY : branin(values));
    const { least: found, scores } = finishStudy(gaussianProcess, study(1), { trials: 25 }, diverging);
    expect(found - least).toBeLessThan(0.1);
    expect(scores.slice(5).filter(Number.isFinite).length).toBeGreaterThan(12);
  });

  it('goes on when every run diverges, and then has no best one', () => {
    const { best, probes } = finishStudy(gaussianProcess, study(0), { trials: 8 }, () => Number.POSITIVE_INFINITY);
    expect(probes).toHaveLength(8);
    expect(best).toBeNull();
  });
});
