import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { expectClose } from '../../testing/close.ts';
import { cubicMinimum, strongWolfe, type Trial } from './strong-wolfe.ts';

const path = new URL('../../../tests/fixtures/optim/lines.json', import.meta.url);
const lines = JSON.parse(readFileSync(path, 'utf8')) as readonly {
  readonly line: '1' | '2' | '3';
  readonly first: number;
  readonly tried: number[];
  readonly chosen: number;
}[];

const at = (t: number, value: number, slope: number): Trial => ({ t, value, slope, grad: Float64Array.of(slope) });

/** Moré & Thuente 1994, eq. 5.1 to 5.3. */
const functions: Record<'1' | '2' | '3', (t: number) => Trial> = {
  1: (t) => at(t, -t / (t * t + 2), (t * t - 2) / (t * t + 2) ** 2),
  2: (t) => at(t, (t + 0.004) ** 5 - 2 * (t + 0.004) ** 4, 5 * (t + 0.004) ** 4 - 8 * (t + 0.004) ** 3),
  3: (t) => {
    const [beta, l] = [0.01, 39];
    const angle = ((l * Math.PI) / 2) * t;
    const wave = ((2 * (1 - beta)) / (l * Math.PI)) * Math.sin(angle);
    const waveSlope = (1 - beta) * Math.cos(angle);
    if (t <= 1 - beta) return at(t, 1 - t + wave, waveSlope - 1);
    if (t >= 1 + beta) return at(t, t - 1 + wave, waveSlope + 1);
    return at(t, (t - 1) ** 2 / (2 * beta) + beta / 2 + wave, waveSlope + (t - 1) / beta);
  },
};

describe('strongWolfe', () => {
  test.each(lines)(
    "tries what PyTorch's search tries: function $line from $first",
    async ({ line, first, tried, chosen }) => {
      const found: number[] = [];
      const evaluate = async (t: number) => {
        found.push(t);
        return functions[line](t);
      };
      const result = await strongWolfe(evaluate, functions[line](0), first, { tolerance: 1e-9, reach: 1 });
      expectClose(found, tried, { relative: 1e-9 });
      expectClose([result.t], [chosen], { relative: 1e-9 });
    },
  );
});

describe('cubicMinimum', () => {
  test('is exact for a cubic, from either side', () => {
    // t^3 - 3 t has its minimum at 1.
    const cubic = (t: number) => at(t, t ** 3 - 3 * t, 3 * t * t - 3);
    expect(cubicMinimum(cubic(0), cubic(3))).toBeCloseTo(1, 14);
    expect(cubicMinimum(cubic(3), cubic(0))).toBeCloseTo(1, 14);
  });

  test('stays within the bounds, and takes their middle where the cubic has no minimum', () => {
    const cubic = (t: number) => at(t, t ** 3 - 3 * t, 3 * t * t - 3);
    expect(cubicMinimum(cubic(0), cubic(3), [1.5, 4])).toBe(1.5);
    const rising = (t: number) => at(t, t ** 3 + t, 3 * t * t + 1);
    expect(cubicMinimum(rising(-1), rising(1))).toBe(0);
  });
});
