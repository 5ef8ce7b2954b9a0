import { describe, expect, it } from 'vitest';
import type { CompositeName } from '../../tensor/attrs.ts';
import { conv2d, crossEntropy, layerNorm, maxPool } from '../../tensor/functions.ts';
import { expand, parameter } from '../../tensor/index.ts';
import { apply, type Tensor } from '../../tensor/tensor.ts';
import { compute, filledWith, relativeError, vector } from '../../testing/compute.ts';
import { caseInputs, opCases } from '../../testing/op-cases.ts';
import { evaluate } from './index.ts';
import { symmetricEigen } from './linalg.ts';

// Expected numbers without another source come from NumPy 2.4 and SciPy 1.17.

describe('reference matmul', () => {
  it('multiplies a batch by one matrix', () => {
    const [a, b] = [filledWith([2, 3, 4], (i) => (i % 7) - 3), filledWith([4, 2], (i) => (i % 5) - 1)];
    expect(compute((x, y) => x.matmul(y), a, b)).toEqual([-2, -3, 10, -2, 1, -1, -8, 7, 4, 1, -12, -5]);
  });

  it('transposes both operands and broadcasts batches', () => {
    const [a, b] = [filledWith([2, 1, 3, 2], (i) => (i % 5) - 2), filledWith([3, 4, 3], (i) => (i % 7) - 3)];
    expect(compute((x, y) => x.matmul(y, { transposeA: true, transposeB: true }), a, b)).toEqual(
      [
        [4, 4, -10, 4, 3, -3, -2, -1, -10, 4, 4, 4, 7, 1, -5, 3, 4, -10, 4, -10, -3, -2, -1, 7],
        [3, -3, -2, -1, -3, 0, -4, -1, 7, 1, -5, 3, 9, -2, 1, -3, -3, -2, -1, 7, 0, -4, -1, 9],
      ].flat(),
    );
  });
});

describe('reference eigh', () => {
  it('agrees with LAPACK, largest components positive', () => {
    const { values, vectors } = symmetricEigen(Float64Array.of(4, 0, 0, 1, 3, 0, -2, 0.5, 1), 3);
    expect(relativeError(values, [-0.25260991666360666, 3.034654141519038, 5.217955775144567])).toBeLessThan(1e-15);
    const expected = [
      [0.46114744295344745, -0.15814189553974115, 0.8731175045391053],
      [-0.2716310159644294, 0.911590791215525, 0.30857546975931954],
      [0.8447245864917327, 0.3794645836519538, -0.37742151863694884],
    ];
    expect(relativeError(vectors, expected.flat())).toBeLessThan(1e-15);
  });

  it('finds the eigenvalues of a Hilbert matrix, the smallest to 9 digits', () => {
    // mpmath at 40 digits, of the matrix rounded to float64. Condition number 1.5e7.
    const expected = [
      1.082799484481101e-7, 1.2570757122637029e-5, 0.0006157483541826453, 0.016321521319875826, 0.24236087057520955,
      1.6188998589243391,
    ];
    const hilbert = Float64Array.from({ length: 36 }, (_, i) => 1 / (Math.floor(i / 6) + (i % 6) + 1));
    const { values } = symmetricEigen(hilbert, 6);
    expected.forEach((value, i) => {
      expect(Math.abs(values[i] / value - 1)).toBeLessThan(1e-9);
    });
  });

  it('gives orthonormal vectors that rebuild the matrix, equal eigenvalues included', () => {
    for (const n of [1, 2, 7, 30]) {
      const a = Float64Array.from({ length: n * n }, (_, i) => {
        const [row, column] = [Math.floor(i / n), i % n];
        return row === column ? Math.floor(row / 3) : n > 7 ? 0 : ((row * column) % 5) - 1;
      });
      const { values, vectors } = symmetricEigen(a, n);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          let [inner, rebuilt] = [0, 0];
          for (let k = 0; k < n; k++) {
            inner += vectors[k * n + i] * vectors[k * n + j];
            rebuilt += vectors[i * n + k] * values[k] * vectors[j * n + k];
          }
          expect(inner).toBeCloseTo(i === j ? 1 : 0, 13);
          expect(rebuilt).toBeCloseTo(a[i * n + j], 12);
        }
      }
      expect([...values]).toEqual([...values].sort((x, y) => x - y));
    }
  });

  it('answers NaN for NaN', () => {
    expect(symmetricEigen(Float64Array.of(1, 0, Number.NaN, 1), 2).values).toEqual(
      Float64Array.of(Number.NaN, Number.NaN),
    );
  });
});

describe('reference convolution', () => {
  // Groups, strides, dilation and one-sided padding at once; SciPy's correlate on padded and dilated arrays.
  const x = filledWith([1, 4, 5, 6], (i) => ((i * 7) % 11) - 5);
  const kernel = filledWith([2, 2, 3, 2], (i) => ((i * 5) % 7) - 3);
  const dy = filledWith([1, 2, 2, 6], (i) => ((i * 3) % 5) - 2);
  const geometry = { stride: [2, 1], padding: [[1, 0], [0, 2]], dilation: [1, 2], groups: 2 } as const; // biome-ignore format: one line

  it('slides the kernel', () => {
    expect(compute((a, b) => conv2d(a, b, geometry), x, kernel)).toEqual(
      [
        [-15, 9, -11, -20, 1, -11, -7, -18, -7, -7, -8, 29],
        [4, -20, -11, 9, -9, -1, -36, -10, 5, -24, 6, 20],
      ].flat(),
    );
  });

  it('has the adjoint in the kernel', () => {
    const kernelSize = [3, 2] as const;
    const result = compute((a, b) => apply('conv2dKernelGrad', [a, b], { ...geometry, kernelSize }), x, dy);
    expect(result).toEqual(
      [
        [-7, -9, 54, 0, 34, -4, -6, -7, 9, -20, 33, -2],
        [-8, -9, 33, -17, 9, 38, -17, -8, 34, -17, 54, -6],
      ].flat(),
    );
  });

  it('has the adjoint in the image', () => {
    const inputSize = [5, 6] as const;
    const result = compute((a, b) => apply('conv2dInputGrad', [a, b], { ...geometry, inputSize }), dy, kernel);
    expect(result.slice(0, 18)).toEqual([0, 0, 4, -2, 2, -4, -9, 6, -9, 5, 9, -7, 0, 0, -2, 2, -4, 0]);
    // <conv(x), dy> = <x, adjoint(dy)>
    const y = compute((a, b) => conv2d(a, b, geometry), x, kernel);
    const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);
    expect(dot(y, dy.values)).toBe(dot(x.values, result));
  });
});

describe('reference max pooling', () => {
  const x = filledWith([1, 1, 4, 5], (i) => ((i * 9) % 20) - 10);
  const geometry = { window: [3, 2], stride: [2, 2], padding: [[1, 1], [0, 1]] } as const; // biome-ignore format: one line
  const winners = [6, 2, 4, 11, 13, 19];

  it('takes the largest of each window, never the padding', () => {
    const { window, ...rest } = geometry;
    expect(compute((a) => maxPool(a, window, rest), x)).toEqual([4, 8, 6, 9, 7, 1]);
  });

  it('reads and writes another tensor at the winners', () => {
    const t = filledWith([1, 1, 4, 5], (i) => i);
    expect(compute((a, b) => apply('maxPoolGather', [a, b], geometry), x, t)).toEqual(winners);
    const dy = filledWith([1, 1, 2, 3], (i) => i + 1);
    const expected = new Array(20).fill(0);
    winners.forEach((at, i) => {
      expected[at] = i + 1;
    });
    expect(compute((a, b) => apply('maxPoolScatter', [a, b], geometry), x, dy)).toEqual(expected);
  });

  it('takes the first of equals, and NaN before all', () => {
    const t = filledWith([1, 1, 2, 2], (i) => i);
    const whole = { window: [2, 2], stride: [2, 2], padding: [[0, 0], [0, 0]] } as const; // biome-ignore format: one line
    const first = (...values: number[]) =>
      compute((a, b) => apply('maxPoolGather', [a, b], whole), { shape: [1, 1, 2, 2], values }, t);
    expect(first(1, 3, 3, 2)).toEqual([1]);
    expect(first(1, 3, Number.NaN, 9)).toEqual([2]);
  });
});

describe('reference composites', () => {
  it('compute softmax forms without overflow', () => {
    const logits = { shape: [2, 3], values: [1, 2, 3, 1000, 0, -1000] };
    const softmax = [0.09003057317038046, 0.24472847105479764, 0.6652409557748218, 1, 0, 0];
    const logSoftmax = [-2.40760596444438, -1.4076059644443801, -0.40760596444438013, 0, -1000, -2000];
    expect(
      relativeError(
        compute((x) => x.softmax(), logits),
        softmax,
      ),
    ).toBeLessThan(1e-15);
    expect(
      relativeError(
        compute((x) => x.logSoftmax(), logits),
        logSoftmax,
      ),
    ).toBeLessThan(1e-15);
    const labels = { shape: [2], values: [2, 1], dtype: 'int32' as const };
    expect(relativeError(compute(crossEntropy, logits, labels), [0.40760596444438013, 1000])).toBeLessThan(1e-15);
    const wrong = { shape: [2], values: [2, 3], dtype: 'int32' as const };
    expect(() => compute(crossEntropy, logits, wrong)).toThrow('crossEntropy: index 3 lies outside [0, 3)');
  });

  it('compute layer norm', () => {
    const x = { shape: [2, 4], values: [1, 2, 4, 8, -1, 0, 0, 3] };
    const result = compute((a, g, b) => layerNorm(a, g, b), x, vector(1, 2, 3, 4), vector(0.5, 0, 0, -0.5));
    const expected = [
      [-0.525754575496193, -1.3055058233587913, 0.27975124786259814, 5.8410282848855575],
      [-0.49999777778518517, -0.6666651851901234, -0.9999977777851852, 6.166651851901234],
    ];
    expect(relativeError(result, expected.flat())).toBeLessThan(1e-15);
  });

  // The rules here are direct formulas; expand.ts says what the ops mean. Two roads, one place.
  const composites = Object.keys(expand) as CompositeName[];
  it.each(composites)('%s agrees with its expansion', (op) => {
    const expansion = expand[op] as (inputs: readonly Tensor[], attrs: unknown) => Tensor;
    for (const one of opCases[op]) {
      const inputs = one.inputs.map(({ shape, dtype }, i) => parameter(`input${i}`, shape, dtype));
      const node = one.build(...inputs);
      const numbers = caseInputs(one);
      const values = new Map(inputs.map((input, i) => [input, numbers[i]]));
      const [direct, expanded] = evaluate([node, expansion(node.inputs, node.attrs)], values);
      expect(relativeError(direct.data, expanded.data), one.name).toBeLessThan(1e-12);
    }
  });
});
