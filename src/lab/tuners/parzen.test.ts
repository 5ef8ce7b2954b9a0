import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import models from '../../../tests/fixtures/lab/models.json' with { type: 'json' };
import { ageWeights, drawFrom, kernelDeviations, logDensity, parzen } from './parzen.ts';

const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 });

describe('the Parzen estimator', () => {
  it('is that of Optuna', () => {
    for (const { observations, priorWeight, weights, deviations, x, logDensity: theirs } of models.parzen) {
      const ours = parzen(observations, priorWeight);
      for (const [i, { weight }] of ours.kernels.entries()) expect(weight).toBeCloseTo(weights[i], 14);
      for (const [i, deviation] of kernelDeviations(observations).entries())
        expect(deviation).toBeCloseTo(deviations[i], 14);
      for (const [i, at] of x.entries()) expect(logDensity(ours, at)).toBeCloseTo(theirs[i], 10);
    }
  });

  it('has the widths and the density of a worked example', () => {
    expect(kernelDeviations([0.2, 0.5, 0.9])).toEqual([0.3, 0.4, 0.4].map((width) => expect.closeTo(width, 14)));
    expect(Math.exp(logDensity(parzen([0.2, 0.5, 0.9], 1), 0.3))).toBeCloseTo(1.09519516466, 10);
  });

  it('weighs the newest 25 alike, and older ones by age', () => {
    expect(ageWeights(3)).toEqual([1, 1, 1]);
    const weights = ageWeights(28);
    expect(weights.slice(0, 4)).toEqual([1 / 28, 1 / 28 + (27 / 28) * 0.5, 1, 1]);
    expect(ageWeights(26)[0]).toBe(1 / 26);
  });

  it('is a density: its integral over [0, 1] is 1', () => {
    fc.assert(
      fc.property(places, (observations) => {
        const estimate = parzen(observations, 1);
        const n = 2000;
        let sum = 0;
        for (let i = 0; i < n; i++) sum += Math.exp(logDensity(estimate, (i + 0.5) / n)) / n;
        expect(sum).toBeCloseTo(1, 3);
      }),
      { numRuns: 20 },
    );
  });

  it('is drawn from as its density says', () => {
    const estimate = parzen([0.1, 0.15, 0.8], 1);
    const n = 60;
    const drawn: number[] = [];
    // All pairs of evenly spaced uniform numbers, in place of random ones.
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) drawn.push(drawFrom(estimate, (i + 0.5) / n, (j + 0.5) / n));
    for (const at of [0.1, 0.3, 0.5, 0.9]) {
      const share = drawn.filter((x) => x <= at).length / drawn.length;
      let integral = 0;
      for (let i = 0; i < 1000; i++) integral += (Math.exp(logDensity(estimate, ((i + 0.5) / 1000) * at)) * at) / 1000;
      expect(Math.abs(share - integral)).toBeLessThan(0.01);
    }
  });

  it('draws inside [0, 1]', () => {
    const uniform = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(places, uniform, uniform, (observations, choice, place) => {
        const x = drawFrom(parzen(observations, 1), choice, place);
        expect(x >= 0 && x <= 1).toBe(true);
      }),
    );
  });
});
