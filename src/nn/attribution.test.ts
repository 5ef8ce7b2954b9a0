import { describe, expect, test } from 'vitest';
import { parameter } from '../tensor/functions.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { gradients } from '../tensor/transforms.ts';
import { expectClose } from '../testing/close.ts';
import { compute, vector } from '../testing/compute.ts';
import { expectedGradients, gini, graphPenalty, totalVariation } from './attribution.ts';

/** x1 x2 + x3^2 of each row. */
const f = (rows: Tensor): Tensor => rows.at(1, 0).mul(rows.at(1, 1)).add(rows.at(1, 2).square());
const x = { shape: [1, 3], values: [1, 2, 3] };
const references = { shape: [1, 2, 3], values: [0, 0, 0, 1, -1, 1] };

describe('expected gradients', () => {
  const phi = (a: Tensor, b: Tensor, alphas: Tensor) => expectedGradients(f, a, b, alphas);

  test('golden: two references with an alpha each', () => {
    expectClose(compute(phi, x, references, { shape: [1, 2], values: [0.25, 0.75] }), [0.25, 1.75, 7.25]);
  });

  test('golden: on a fine grid of alphas the expectation, complete: its sum is f(x) - E f(references)', () => {
    // The midpoint rule is exact for slopes that are linear in alpha.
    const alphas = { shape: [1, 2], values: [0.5, 0.5] };
    const found = compute(phi, x, references, alphas);
    expectClose(found, [0.5, 2, 8.5]);
    expectClose([found.reduce((a, b) => a + b)], [11]);
  });

  test('examples and their draws do not meet', () => {
    const two = { shape: [2, 3], values: [1, 2, 3, 0, -1, 4] };
    const draws = { shape: [2, 1, 3], values: [1, -1, 1, 0.5, 0.5, 0.5] };
    const alphas = { shape: [2, 1], values: [0.75, 0.1] };
    const one = (i: number) =>
      compute(
        phi,
        { shape: [1, 3], values: two.values.slice(3 * i, 3 * i + 3) },
        { shape: [1, 1, 3], values: draws.values.slice(3 * i, 3 * i + 3) },
        { shape: [1, 1], values: [alphas.values[i]] },
      );
    expectClose(compute(phi, two, draws, alphas), [...one(0), ...one(1)], { relative: 1e-14 });
  });

  test('a prior on attributions has derivatives in the parameters', () => {
    const prior = (w: Tensor, a: Tensor) => {
      const output = (rows: Tensor) => rows.square().mul(w).sum(1);
      const zero = a.mul(0).expandDims(1);
      return expectedGradients(output, a, zero, a.sum(1, { keepDims: true }).mul(0).add(0.5))
        .square()
        .sum();
    };
    const slope = (w: Tensor, a: Tensor) => gradients(prior(w, a), [w])[0];
    // phi_i = x_i w_i x_i, so that the prior is sum w_i^2 x_i^4.
    const w = vector(0.5, -1, 2);
    expectClose(compute(slope, w, x), [2 * 0.5 * 1, 2 * -1 * 16, 2 * 2 * 81]);
  });

  test('refuses draws that do not fit', () => {
    const [a, b, alphas] = [parameter('x', [2, 3]), parameter('r', [2, 4, 3]), parameter('a', [2, 5])];
    expect(() => expectedGradients(f, a, b, alphas)).toThrow('[2, 3], [2, 4, 3], [2, 5]');
  });
});

describe('attribution priors', () => {
  test('golden: total variation', () => {
    const map = { shape: [2, 3], values: [1, 2, 4, 0, 3, 1] };
    expect(compute(totalVariation, map)).toEqual([13]);
    expect(compute(totalVariation, { shape: [2, 2, 3], values: [...map.values, 1, 1, 1, 1, 1, 1] })).toEqual([13, 0]);
  });

  test('golden: a graph of features', () => {
    expectClose(compute((p) => graphPenalty(p, [[0, 1, 2], [1, 2, 1]]), vector(0.1, 0.5, 0.2)), [0.41], { relative: 1e-12 }); // biome-ignore format: one line
  });

  test('golden: the Gini coefficient, between equality and one alone', () => {
    expectClose(compute(gini, vector(0.1, 0.5, 0.2, 0.2)), [0.3], { relative: 1e-12 });
    expect(compute(gini, vector(2, 2, 2))).toEqual([0]);
    expectClose(compute(gini, vector(0, 0, 5, 0)), [0.75], { relative: 1e-14 });
    expect(compute(gini, vector(0, 0))).toEqual([0]);
    expect(compute((p) => gradients(gini(p), [p])[0], vector(0, 0))).toEqual([0, 0]);
  });

  test('refuse other shapes', () => {
    expect(() => totalVariation(parameter('p', [3]))).toThrow('takes [..., H, W]');
    expect(() => gini(parameter('p', [3, 3]))).toThrow('takes [features]');
  });
});
