import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  choice,
  count,
  flag,
  HyperError,
  linear,
  log,
  logOneMinus,
  optional,
  positive,
  quantile,
  resolveHyper,
  unit,
} from './hyper.ts';

const spec = {
  lr: positive(0.1),
  momentum: optional(unit(0)),
  steps: count(5),
  nesterov: flag(false),
  scale: choice('none', ['none', 'full']),
};

describe('resolveHyper', () => {
  test('completes what is given', () => {
    const all = { lr: 1, momentum: 0, steps: 5, nesterov: false, scale: 'none' };
    expect(resolveHyper('m', spec, { lr: 1 })).toEqual(all);
  });

  test.each([
    [{ lr: 0 }, 'm: lr is 0; it must lie in (0, inf)'],
    [{ lr: Number.NaN }, 'm: lr is NaN; it must lie in (0, inf)'],
    [{ lr: Number.POSITIVE_INFINITY }, 'm: lr is Infinity; it must lie in (0, inf)'],
    [{ lr: '0.1' }, 'm: lr is 0.1; it must lie in (0, inf)'],
    [{ momentum: 1 }, 'm: momentum is 1; it must lie in [0, 1)'],
    [{ steps: 2.5 }, 'm: steps is 2.5; it must be a whole number from 1'],
    [{ nesterov: 1 }, 'm: nesterov is 1; it must be true or false'],
    [{ scale: 'half' }, 'm: scale is half; it must be one of none, full'],
    [{ learningRate: 1 }, "m: there is no hyperparameter 'learningRate'; it has lr, momentum, steps, nesterov, scale"],
  ])('refuses %j', (given, message) => {
    expect(() => resolveHyper('m', spec, given)).toThrow(new HyperError(message));
  });
});

describe('quantile', () => {
  const ranges = [linear(-1, 3), log(1e-5, 10), logOneMinus(0.5, 0.999)];

  test.each(ranges)('$scale: grows from low to high', (range) => {
    const unitInterval = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(unitInterval, unitInterval, (a, b) => {
        const [low, high] = [quantile(range, Math.min(a, b)), quantile(range, Math.max(a, b))];
        return low <= high && low >= range.low - 1e-12 && high <= range.high + 1e-12 * range.high;
      }),
    );
    expect(quantile(range, 0)).toBeCloseTo(range.low, 12);
    expect(quantile(range, 1)).toBeCloseTo(range.high, 12);
  });

  test('log-uniform in 1 - value: the middle of [0.9, 0.999] is 0.99', () => {
    expect(quantile(logOneMinus(0.9, 0.999), 0.5)).toBeCloseTo(0.99, 12);
  });
});
