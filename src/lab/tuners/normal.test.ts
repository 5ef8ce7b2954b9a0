import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import models from '../../../tests/fixtures/lab/models.json' with { type: 'json' };
import { normalBelow, normalDensity, normalQuantile } from './normal.ts';

const relative = (ours: number, theirs: number): number => Math.abs(ours - theirs) / Math.abs(theirs || 1);

describe('the normal distribution', () => {
  it('is what SciPy computes', () => {
    const { p, quantile, x, below, density } = models.normal;
    for (const [i, share] of p.entries()) expect(relative(normalQuantile(share), quantile[i])).toBeLessThan(1e-11);
    for (const [i, value] of x.entries()) expect(relative(normalBelow(value), below[i])).toBeLessThan(1e-11);
    for (const [i, value] of x.entries()) expect(relative(normalDensity(value), density[i])).toBeLessThan(1e-13);
  });

  it('has a quantile that undoes the share below', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }), (p) => {
        expect(relative(normalBelow(normalQuantile(p)), p)).toBeLessThan(1e-11);
      }),
    );
  });
});
