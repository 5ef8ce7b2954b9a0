import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parameter } from '../tensor/functions.ts';
import { caseInputs, distinct, testRandom } from './draw.ts';
import { opCases } from './op-cases.ts';

describe('op cases', () => {
  it('have names of their own, small inputs, and build what they say', () => {
    for (const [op, cases] of Object.entries(opCases)) {
      expect(new Set(cases.map(({ name }) => name)).size, op).toBe(cases.length);
      for (const one of cases) {
        const inputs = one.inputs.map(({ shape, dtype }, i) => parameter(`input${i}`, shape, dtype));
        expect(one.build(...inputs).size).toBeLessThan(5000);
      }
    }
  });

  it('draw the same float32 numbers for the same seed, within the domain', () => {
    const one = {
      name: '',
      build: () => parameter('x', []),
      inputs: [{ shape: [50], domain: [3, 4] }, { shape: [50] }],
    } as const;
    const [first, second] = caseInputs(one, 1);
    expect(caseInputs(one, 1)).toEqual([first, second]);
    expect(caseInputs(one, 2)[0]).not.toEqual(first);
    expect(first.every((x) => x >= 3 && x <= 4 && Math.fround(x) === x)).toBe(true);
  });

  it('draw integers from both ends of the domain', () => {
    const dice = { shape: [200], dtype: 'int32', domain: [1, 6] } as const;
    const [rolls] = caseInputs({ name: '', build: () => parameter('x', []), inputs: [dice] });
    expect(new Set(rolls)).toEqual(new Set([1, 2, 3, 4, 5, 6]));
  });
});

describe('distinct', () => {
  it('never repeats a number and stays away from 0', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), (count) => {
        const sorted = distinct(count, 1).sort((a, b) => a - b);
        for (let i = 1; i < count; i++) expect(sorted[i] - sorted[i - 1]).toBeCloseTo(1, 9);
        expect(Math.min(...sorted.map(Math.abs))).toBeCloseTo(0.5, 9);
      }),
    );
  });
});

describe('testRandom', () => {
  it('stays in [0, 1) with mean one half', () => {
    const random = testRandom(3);
    const numbers = Array.from({ length: 10_000 }, random);
    expect(numbers.every((x) => x >= 0 && x < 1)).toBe(true);
    expect(numbers.reduce((a, b) => a + b) / numbers.length).toBeCloseTo(0.5, 1);
  });
});
