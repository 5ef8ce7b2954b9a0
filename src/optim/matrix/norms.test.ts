import { describe, expect, test } from 'vitest';
import { fillRandom } from '../../runtime/random.ts';
import { evaluate } from '../../runtime/reference/index.ts';
import { constant } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { vmap } from '../../tensor/transforms.ts';
import { expectClose } from '../../testing/close.ts';
import { newtonSchulz } from './newton-schulz.ts';
import { columns, linf, type NormName, namedNorm, normNames, scaled } from './norms.ts';
import { polar } from './polar.ts';

const numbers = (x: Tensor): number[] => [...evaluate([x])[0].data];
const matrix = (rows: readonly (readonly number[])[]) => constant(rows, { dtype: 'float64' });
const gaussian = (shape: readonly number[], stream = 'G') => {
  const values = new Float64Array(shape.reduce((a, b) => a * b, 1));
  fillRandom(values, 'normal', { seed: 11, stream: `${stream}${shape}`, step: 0 });
  return constant([...values], { shape, dtype: 'float64' });
};
const inner = (a: Tensor, b: Tensor) => a.mul(b).sum();

const A = matrix([[3, -4], [0, 5]]); // biome-ignore format: a matrix
const norm = (name: NormName) => namedNorm(name, [2, 2]);

describe('golden: [[3, -4], [0, 5]]', () => {
  test.each([
    ['max', 5, 12],
    ['frobenius', 7.07106781187, 7.07106781187],
    ['spectral', 6.7082039325, 8.94427191],
    ['column', 6.40312423743, 9.40312423743],
    ['row', 5, 10],
    ['row-sum', 7, 4 + 5],
    ['column-sum', 9, 3 + 5],
    ['rms', 6.7082039325, 8.94427191],
  ] as const)('%s: value and dual', (name, value, dual) => {
    expectClose(numbers(norm(name).value(A)), [value]);
    expectClose(numbers(norm(name).dual(A)), [dual]);
  });

  test.each([
    ['max', [1, -1, 0, 1]],
    ['spectral', [0.894427191, -0.4472135955, 0.4472135955, 0.894427191]],
    ['column', [1, -0.624695047554, 0, 0.780868809443]],
    ['row', [0.6, -0.8, 0, 1]],
    ['frobenius', [3, -4, 0, 5].map((x) => x / Math.sqrt(50))],
    ['column-sum', [1, 0, 0, 1]],
    ['row-sum', [0, -1, 0, 1]],
  ] as const)('%s: direction', (name, expected) => {
    expectClose(numbers(norm(name).direction(A)), expected);
  });

  test('Newton-Schulz only comes near U V', () => {
    expectClose(numbers(newtonSchulz(A)), [0.928896655053, -0.251645777887, 0.59212985731, 0.758654615342]);
  });
});

describe.each([
  [4, 4],
  [3, 5],
  [5, 3],
  [6, 1],
  [1, 1],
])('duality on [%d, %d]', (r, c) => {
  const G = gaussian([r, c]);
  const trials = gaussian([500, r, c], 'T');

  test.each(normNames)('%s: <G, D> = |G|*, |D| = 1, and no matrix of norm 1 has a larger <G, T>', (name) => {
    const { value, dual, direction } = namedNorm(name, [r, c]);
    const D = direction(G);
    const [attained, bound, size] = numbersOf([inner(G, D), dual(G), value(D)]);
    expectClose([attained, size], [bound, 1], { relative: 1e-11 });
    const ratios = numbers(vmap((T: Tensor) => inner(G, T).div(value(T)))(trials));
    expect(Math.max(...ratios)).toBeLessThan(bound * (1 + 1e-12));
    expect(Math.max(...ratios)).toBeGreaterThan(0);
  });

  test.each(normNames)('%s: steps -|G|* D / sharpness are what no other step beats', (name) => {
    const sharpness = 3;
    const { value, dual, direction } = namedNorm(name, [r, c]);
    const quality = (step: Tensor) =>
      inner(G, step).add(
        value(step)
          .square()
          .mul(sharpness / 2),
      );
    const [best, closed] = numbersOf([
      quality(direction(G).mul(dual(G)).div(-sharpness)),
      dual(G)
        .square()
        .div(-2 * sharpness),
    ]);
    expectClose([best], [closed], { relative: 1e-11 });
    for (const scale of [0.01, 0.1, 1]) {
      const others = numbers(vmap((T: Tensor) => quality(T.mul(scale)))(trials));
      expect(Math.min(...others)).toBeGreaterThan(closed - 1e-12);
    }
  });

  test.each(normNames)('%s: zero has the direction zero', (name) => {
    const { dual, direction } = namedNorm(name, [r, c]);
    const zero = G.mul(0);
    expect(numbers(direction(zero)).every((x) => x === 0)).toBe(true);
    expect(numbers(dual(zero))[0]).toBe(0);
  });
});

const numbersOf = (xs: readonly Tensor[]): number[] => evaluate(xs).map(({ data }) => data[0]);

describe('norms a -> b bound |W x|_b by |W| |x|_a, and attain it where a column or row shows how', () => {
  const sizes = {
    l1: (x: Tensor) => x.abs().sum(),
    l2: (x: Tensor) => x.norm(),
    linf: (x: Tensor) => x.abs().max(),
    rms: (x: Tensor) => x.square().mean().sqrt(),
  };
  test.each([
    ['max', 'l1', 'linf'],
    ['spectral', 'l2', 'l2'],
    ['rms', 'rms', 'rms'],
    ['column', 'l1', 'l2'],
    ['column-rms', 'l1', 'rms'],
    ['row', 'l2', 'linf'],
    ['row-rms', 'rms', 'linf'],
    ['column-sum', 'l1', 'l1'],
    ['row-sum', 'linf', 'linf'],
  ] as const)('%s is %s -> %s', (name, from, to) => {
    const W = gaussian([3, 5]);
    const bound = namedNorm(name, [3, 5]).value(W);
    const ratio = (x: Tensor) => sizes[to](W.matmul(x.reshape([5, 1]))).div(sizes[from](x).mul(bound));
    // One-hot inputs attain l1 -> b; rows and their signs attain a -> linf; right singular vectors the rest.
    const onto = constant([1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1], { shape: [5, 5], dtype: 'float64' }); // biome-ignore format: the identity
    const [top] = evaluate([W.matmul(polarTop(W), { transposeA: true }).reshape([5])]);
    const special = [onto, W, W.sign(), constant([...top.data], { shape: [1, 5], dtype: 'float64' })];
    const ratios = [gaussian([300, 5], 'x'), ...special].flatMap((xs) => numbers(vmap(ratio)(xs)));
    expect(Math.max(...ratios)).toBeLessThan(1 + 1e-12);
    expect(Math.max(...ratios)).toBeGreaterThan(1 - 1e-9);
  });

  /** The left singular vector of the largest singular value, by power iteration: an independent way. */
  function polarTop(W: Tensor): Tensor {
    const gram = W.matmul(W, { transposeB: true });
    let x = constant([1, 1, 1], { shape: [3, 1], dtype: 'float64' });
    for (let i = 0; i < 200; i++) {
      const next = gram.matmul(x);
      x = next.div(next.norm());
    }
    return x;
  }
});

describe('polar', () => {
  test('golden', () => {
    const M = matrix([[1, 2, 3], [4, 5, 6.5]]); // biome-ignore format: a matrix
    expectClose(
      numbers(polar(M)),
      [-0.639261701607, 0.175872604829, 0.748607576591, 0.706299460375, 0.519275323458, 0.481138452757],
    );
  });

  test('of condition number 1e5: orthogonal to 1e-12, and off U V by what squaring it costs the singular vectors', () => {
    const [U, V] = [polar(gaussian([6, 6], 'U')), polar(gaussian([6, 6], 'V'))];
    const singular = constant([1, 0.1, 1e-2, 1e-3, 1e-4, 1e-5], { dtype: 'float64' });
    const found = polar(U.mul(singular).matmul(V));
    expectClose(numbers(found), numbers(U.matmul(V)), { absolute: 1e-9 });
    const error = found.matmul(found, { transposeB: true }).sub(U.matmul(U, { transposeB: true }));
    expect(numbers(error.abs().max())[0]).toBeLessThan(1e-12);
  });

  test('of low rank: U V of the non-zero singular values', () => {
    const rankOne = matrix([[1, 2], [2, 4], [0, 0]]); // biome-ignore format: a matrix
    expectClose(numbers(polar(rankOne)), [0.2, 0.4, 0.4, 0.8, 0, 0], { absolute: 1e-12 });
  });

  test.each([1e30, 1e-30])('does not see the scale %d', (scale) => {
    const G = gaussian([3, 4]);
    expectClose(numbers(polar(G.mul(scale))), numbers(polar(G)), { relative: 1e-12 });
  });
});

test('a norm over a factor has a ball and a direction that many times as large', () => {
  const { value, dual, direction } = scaled(columns(linf), 4);
  expect(numbersOf([value(A), dual(A)])).toEqual([5 / 4, 48]);
  expect(numbers(direction(A))).toEqual([4, -4, 0, 4]);
});
