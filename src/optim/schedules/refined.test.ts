import { describe, expect, test } from 'vitest';
import { expectClose } from '../../testing/close.ts';
import { bestScale, emaCoefficients, lastIterateBound } from './last-iterate.ts';
import { medianFilter, refined, resample } from './refined.ts';

const upTo = (T: number, f: (t: number) => number) => Array.from({ length: T }, (_, i) => f(i + 1));

describe('refined', () => {
  const norms = [4, 2, 1, 1, 1, 1, 1, 2];
  const plain = { smoothing: 0 };

  test('golden', () => {
    const raw = [
      0.061797752809, 0.23595505618, 0.76404494382, 0.584269662921, 0.404494382022, 0.224719101124, 0.0449438202247, 0,
    ];
    expectClose(refined(norms, { ...plain, normalize: false }), raw);
    const normalised = [
      0.0808823529412, 0.308823529412, 1, 0.764705882353, 0.529411764706, 0.294117647059, 0.0588235294118, 0,
    ];
    expectClose(refined(norms, plain), normalised);
    const adam = [0.333333333333, 0.611111111111, 1, 0.777777777778, 0.555555555556, 0.333333333333, 0.111111111111, 0];
    expectClose(refined(norms, { ...plain, norm: 'l1' }), adam, { relative: 1e-11 });
    expectClose(refined([1, 1, 1, 1, 1]), [1, 0.75, 0.5, 0.25, 0]);
  });

  test('golden: smoothed', () => {
    const noisy = upTo(20, (t) => 1 + 3 / t + 0.5 * (-1) ** t);
    const expected = [
      3.5, 3, 2.25, 2, 1.5, 1.875, 1.1, 1.8, 0.928571428571, 1.75, 0.833333333333, 1.71428571429, 0.772727272727,
      1.6875, 0.730769230769, 1.66666666667, 0.7, 1.65, 0.676470588235, 1.65,
    ];
    expectClose(medianFilter(noisy, 5), expected);
    const found = refined(noisy, { smoothing: 0.25 });
    const some = [1, 2, 11, 19, 20].map((t) => found[t - 1]);
    expectClose(some, [0.0884094032688, 0.119438171671, 1, 0.0583094354183, 0]);
  });

  test('norms that fall give warmup, then annealing', () => {
    const found = refined(upTo(100, (t) => 1 + 10 / t));
    const top = found.indexOf(1);
    expect(top).toBeGreaterThan(5);
    expect(found[0]).toBeLessThan(0.1);
    expect(found.slice(top).every((x, i, rest) => i === 0 || x <= rest[i - 1] + 1e-12)).toBe(true);
  });

  test('knows no scale, drops what is not finite, and survives zeros', () => {
    for (const scale of [1e-200, 1e200]) {
      expectClose(
        refined(
          norms.map((x) => x * scale),
          plain,
        ),
        refined(norms, plain),
      );
    }
    expectClose(refined([4, Number.NaN, 2, Number.POSITIVE_INFINITY, 1, 1], plain), refined([4, 2, 1, 1], plain));
    expect(refined([1, 0, 0, 1], plain).every((x) => Number.isFinite(x))).toBe(true);
    expect(refined([2, 1], { smoothing: 0.9 })).toEqual([1, 0]);
    expect(() => refined([0, 0])).toThrow('all gradient norms are 0');
    expect(() => refined([Number.NaN])).toThrow('none of the gradient norms is finite');
    expect(() => refined(norms, { smoothing: 1 })).toThrow('smoothing is 1; it must lie in [0, 1)');
    expect(() => refined(norms, { steps: 1 })).toThrow('steps is 1');
  });

  test('for a run of another length', () => {
    expectClose(resample([1, 3, 2], 5), [1, 2, 3, 2.5, 2]);
    expectClose(refined([1, 1, 1], { steps: 5 }), [1, 0.75, 0.5, 0.25, 0]);
  });
});

describe('bound of the last iterate', () => {
  const T = 200;
  const wsd = (shape: (x: number) => number) => upTo(T, (t) => (t <= 160 ? 1 : shape((t - 160) / 41)));
  const line = upTo(T, (t) => 1 - t / (T + 1));
  test.each([
    ['constant', upTo(T, () => 1), 0.0269718572469, 0.185378409586],
    ['linear', line, 0.0699538021843, 0.142951486377],
    ['cosine', upTo(T, (t) => 0.5 * (1 + Math.cos((Math.PI * (t - 1)) / T))), 0.0678015224915, 0.146755535725],
    ['1-sqrt cooldown', wsd((x) => 1 - Math.sqrt(x)), 0.0378590973583, 0.152505876696],
    ['linear cooldown', wsd((x) => 1 - x), 0.0357207811386, 0.155527269518],
  ])('golden: %s', (_, rates, scale, bound) => {
    const best = bestScale(rates);
    expectClose([best.scale, best.bound], [scale, bound]);
    const scaled = rates.map((eta) => eta * scale);
    expectClose([lastIterateBound(scaled)], [bound], { relative: 1e-9 });
    expect(lastIterateBound(scaled.map((eta) => eta * 1.1))).toBeGreaterThan(bound);
  });

  test('golden: the schedules in the order of their bounds', () => {
    const tenth = (falling: readonly number[]) => falling.map((x) => 0.1 + 0.9 * x);
    const cosine = upTo(T, (t) => 0.5 * (1 + Math.cos((Math.PI * (t - 1)) / T)));
    const bounds = [
      line,
      tenth(cosine),
      tenth(upTo(T, (t) => 1 - (t - 1) / T)),
      cosine,
      upTo(T, (t) => 1 / Math.sqrt(t)),
    ].map((rates) => bestScale(rates).bound);
    expectClose(bounds, [0.142951486377, 0.145258829701, 0.146145948055, 0.146755535725, 0.16613747791]);
  });

  test('scales with norms and distance', () => {
    const rates = [1, 0.5, 0.25];
    const tripled = bestScale(rates, { norms: [3, 3, 3], distance: 2 });
    expectClose([tripled.bound], [6 * bestScale(rates).bound]);
    expect(() => lastIterateBound([1, 0])).toThrow('the last rate is 0; it must lie in (0, inf)');
  });
});

test('golden: AdamW as an average of its updates', () => {
  const flat = emaCoefficients([0.5, 0.5, 0.5, 0.5, 0.5], 0.2);
  expectClose([...flat.updates, flat.start], [0.06561, 0.0729, 0.081, 0.09, 0.1, 0.59049]);
  const falling = emaCoefficients([0.5, 0.4, 0.3, 0.2, 0.1], 0.2);
  expectClose([...falling.updates, falling.start], [0.081360384, 0.07074816, 0.056448, 0.0392, 0.02, 0.732243456]);
  expectClose([flat.updates.reduce((a, b) => a + b, flat.start)], [1]);
});
