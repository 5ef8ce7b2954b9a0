import { expect } from 'vitest';

type Numbers = readonly number[] | readonly (readonly number[])[];

/**
 * Equal within `relative` of the expected number. Golden numbers are printed with 12 significant digits, so the default 1e-10 is what they can
 * show; numbers below `absolute / relative` in size are compared by `absolute`.
 */
export function expectClose(actual: Numbers, expected: Numbers, { relative = 1e-10, absolute = 1e-13 } = {}): void {
  const found = (actual as readonly (number | readonly number[])[]).flat() as number[];
  const wanted = (expected as readonly (number | readonly number[])[]).flat() as number[];
  expect(found.length).toBe(wanted.length);
  found.forEach((x, i) => {
    const error = Math.abs(x - wanted[i]);
    if (error <= Math.max(relative * Math.abs(wanted[i]), absolute)) return;
    expect.fail(
      `number ${i} is ${x}, not ${wanted[i]}: relative error ${(error / Math.abs(wanted[i])).toExponential(2)}`,
    );
  });
}

/** Golden numbers as they are usually printed, '|' between steps: '1, 2 | 3, 4'. */
export const golden = (text: string): number[][] =>
  text.split('|').map((row) =>
    row
      .replace(/[[\]]/g, ' ')
      .trim()
      .split(/[\s,]+/)
      .map(Number),
  );
