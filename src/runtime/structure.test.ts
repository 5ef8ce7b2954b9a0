import { describe, expect, it } from 'vitest';
import { constant, parameter, scalar } from '../tensor/index.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { structureKey } from './structure.ts';

/** Traces anew and names the structure. */
const keyOf = (build: (x: Tensor, y: Tensor) => Tensor, name = 'x', shape = [2, 3]): string => {
  const inputs = [parameter(name, shape), parameter('y', shape)];
  return structureKey({ inputs, outputs: [build(inputs[0], inputs[1])] });
};

describe('structureKey', () => {
  it('is equal for two traces of one function, whatever the inputs are called', () => {
    const fn = (x: Tensor, y: Tensor): Tensor => x.mul(2).add(y).sum(0);
    expect(keyOf(fn)).toBe(keyOf(fn));
    expect(keyOf(fn, 'other')).toBe(keyOf(fn));
  });

  it('tells apart ops, attributes, shapes, constants, order of inputs and sharing', () => {
    const graphs: ((x: Tensor, y: Tensor) => Tensor)[] = [
      (x, y) => x.sub(y),
      (x, y) => y.sub(x),
      (x, y) => x.add(y),
      (x) => x.sum(0),
      (x) => x.sum(1),
      (x) => x.sum(0, { keepDims: true }),
      (x) => x.mul(0),
      (x) => x.mul(-0),
      (x) => x.mul(Number.NaN),
      (x) => x.mul(Number.POSITIVE_INFINITY),
      (x) => x.mul(x.exp()).add(x.exp()),
      (x) => {
        const e = x.exp();
        return x.mul(e).add(e);
      },
    ];
    const keys = graphs.map((build) => keyOf(build));
    expect(new Set(keys).size).toBe(graphs.length);
    expect(keyOf((x) => x.exp(), 'x', [6])).not.toBe(keyOf((x) => x.exp(), 'x', [2, 3]));
  });

  it('tells apart constants of different dtypes and unused inputs', () => {
    const of = (output: Tensor, inputs: Tensor<'parameter'>[] = []): string =>
      structureKey({ inputs, outputs: [output] });
    expect(of(scalar(1, 'float32'))).not.toBe(of(scalar(1, 'float64')));
    expect(of(constant([1, 23]))).not.toBe(of(constant([12, 3])));
    expect(of(scalar(1), [parameter('unused', [3])])).not.toBe(of(scalar(1)));
  });
});
