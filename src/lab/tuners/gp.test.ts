import { describe, expect, it } from 'vitest';
import models from '../../../tests/fixtures/lab/models.json' with { type: 'json' };
import { fitKernel } from './fit-kernel.ts';
import { condition, expectedImprovement, type Kernel, type Posterior } from './gp.ts';
import type { Point } from './rounds.ts';

function conditioned(points: readonly Point[], values: readonly number[], kernel: Kernel): Posterior {
  const posterior = condition(points, values, kernel);
  if (posterior === null) throw new Error('the covariance is not positive definite');
  return posterior;
}

describe('Gaussian-process regression', () => {
  it('has the posterior, likelihood and expected improvement of a worked example', () => {
    const kernel = { lengths: [0.5], variance: 1, noise: 0.01 };
    const posterior = conditioned([[0], [0.5], [1]], [1, -0.2, 0.6], kernel);
    const { mean, deviation } = posterior.predict([0.3]);
    expect(mean).toBeCloseTo(0.189456947659, 11);
    expect(deviation ** 2).toBeCloseTo(0.0876129833235, 11);
    expect(posterior.logLikelihood).toBeCloseTo(-3.85749033781, 10);
    expect(expectedImprovement({ mean, deviation }, -0.2)).toBeCloseTo(0.0130308616873, 11);
    expect(expectedImprovement({ mean: 0.4, deviation: 0.3 }, 0.5)).toBeCloseTo(0.17627083429, 11);
  });

  it('is what SciPy computes, in several dimensions', () => {
    for (const { points, values, kernel, logLikelihood, at, mean, deviation } of models.gaussianProcess) {
      const posterior = conditioned(points, values, kernel);
      expect(posterior.logLikelihood).toBeCloseTo(logLikelihood, 9);
      at.forEach((x, i) => {
        const predicted = posterior.predict(x);
        expect(predicted.mean).toBeCloseTo(mean[i], 9);
        expect(predicted.deviation).toBeCloseTo(deviation[i], 9);
      });
    }
  });

  it('has the gradient of its likelihood, as differences show', () => {
    const [{ points, values, kernel }] = models.gaussianProcess;
    const logs = [...kernel.lengths, kernel.variance, kernel.noise].map(Math.log);
    const at = (places: readonly number[]): Posterior => {
      const numbers = places.map(Math.exp);
      return conditioned(points, values, {
        lengths: numbers.slice(0, -2),
        variance: numbers.at(-2) ?? 0,
        noise: numbers.at(-1) ?? 0,
      });
    };
    const gradient = at(logs).gradient();
    logs.forEach((log, i) => {
      const h = 1e-5;
      const slope = (at(logs.with(i, log + h)).logLikelihood - at(logs.with(i, log - h)).logLikelihood) / (2 * h);
      expect(gradient[i]).toBeCloseTo(slope, 6);
    });
  });

  it("finds a kernel as likely as the best of twenty runs of SciPy's L-BFGS-B", () => {
    for (const { points, values, largestLogLikelihood } of models.gaussianProcess) {
      const found = conditioned(points, values, fitKernel(points, values, 0)).logLikelihood;
      expect(Math.abs(found - largestLogLikelihood)).toBeLessThan(0.02);
    }
  });

  it('expects no improvement where it is sure, and no less than the mean promises', () => {
    expect(expectedImprovement({ mean: 0.4, deviation: 0 }, 0.3)).toBe(0);
    expect(expectedImprovement({ mean: 0.4, deviation: 0 }, 0.5)).toBeCloseTo(0.1, 15);
    expect(expectedImprovement({ mean: 0.4, deviation: 0.2 }, 0.5)).toBeGreaterThan(0.1);
    expect(expectedImprovement({ mean: 0.4, deviation: 0.2 }, 0.5, 0.1)).toBeLessThan(
      expectedImprovement({ mean: 0.4, deviation: 0.2 }, 0.5),
    );
  });

  it('says when points coincide and there is no noise', () => {
    expect(condition([[0.5], [0.5]], [1, 1], { lengths: [1], variance: 1, noise: 0 })).toBeNull();
  });
});
