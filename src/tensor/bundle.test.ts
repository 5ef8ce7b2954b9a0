import { describe, expect, it } from 'vitest';
import { evaluate } from '../runtime/reference/index.ts';
import { Bundle, Layout, merge, perTensor, zerosLike } from './bundle.ts';
import { TensorError } from './error.ts';
import { constant } from './functions.ts';
import type { Tensor } from './tensor.ts';
import { grad, vmap } from './transforms.ts';

const layout = new Layout([
  { name: 'weight', shape: [2, 2], role: 'matrix' },
  { name: 'bias', shape: [2], role: 'bias' },
]);
const w = Bundle.fromFlat(layout, constant([1, -2, 3, 0.5, 4, -5]));
const numbers = (tensor: Tensor): number[] => [...evaluate([tensor])[0].data];

describe('a bundle', () => {
  it('is one flat tensor, and the tensors are parts of it', () => {
    expect(numbers(w.leaf('weight'))).toEqual([1, -2, 3, 0.5]);
    expect(w.leaf('weight').shape).toEqual([2, 2]);
    expect(numbers(w.leaf('bias'))).toEqual([4, -5]);
    expect(numbers(Bundle.fromLeaves(layout, w.leaves).flat)).toEqual([1, -2, 3, 0.5, 4, -5]);
  });

  it('does element-wise arithmetic over all parameters at once', () => {
    const node = w.mul(2).add(w).sub(1).flat;
    expect(numbers(node)).toEqual([2, -7, 8, 0.5, 11, -16]);
    expect(node.inputs[0].shape).toEqual([6]);
  });

  it('knows tensors: sums, norms and numbers by tensor, rules tensor by tensor', () => {
    expect(numbers(w.tensorSums().flat)).toEqual([2.5, 2.5, 2.5, 2.5, -1, -1]);
    expect(numbers(w.tensorNorms().flat)[5]).toBeCloseTo(Math.hypot(4, 5), 12);
    expect(numbers(w.perLeaf(({ role }) => (role === 'bias' ? 0 : 1)).flat)).toEqual([1, 1, 1, 1, 0, 0]);
    const flipped = perTensor(([x], { role }) => (role === 'matrix' ? x.transpose() : x), w);
    expect(numbers(flipped.flat)).toEqual([1, 3, -2, 0.5, 4, -5]);
  });

  it('parts by role and comes together again', () => {
    const [matrices, rest] = [w.select(({ role }) => role === 'matrix'), w.select(({ role }) => role !== 'matrix')];
    expect(matrices.layout.size).toBe(4);
    expect(numbers(merge(layout, rest, matrices).flat)).toEqual(numbers(w.flat));
    expect(() => merge(layout, rest)).toThrow(/no part holds parameter 'weight'/);
  });

  it('refuses what does not fit, by name', () => {
    expect(() => w.leaf('wieght')).toThrow(/no parameter 'wieght'; it has weight, bias/);
    expect(() => w.add(w.select(({ role }) => role === 'bias'))).toThrow(TensorError);
    expect(() => w.mul(constant([1, 2]))).toThrow(/takes a bundle, a scalar or a number/);
    expect(() => new Layout([layout.leaves[0], layout.leaves[0]])).toThrow(/share a name/);
  });

  it('goes through transforms: a step under vmap trains several bundles at once', () => {
    const loss = (bundle: Bundle): Tensor => bundle.leaf('weight').square().sum().add(bundle.leaf('bias').sum());
    const step = (start: Bundle, lr: Tensor): Bundle => start.sub(grad(loss)(start).mul(lr));
    const starts = Bundle.fromFlat(layout, constant([[1, -2, 3, 0.5, 4, -5], [2, 2, 2, 2, 0, 0]])); // biome-ignore format: rows
    const ends = vmap(step)(starts, constant([0.1, 0.5]));
    expect(ends.flat.shape).toEqual([2, 6]);
    const found = numbers(ends.flat);
    [0.8, -1.6, 2.4, 0.4, 3.9, -5.1, 0, 0, 0, 0, -0.5, -0.5].forEach((x, i) => {
      expect(found[i]).toBeCloseTo(x, 12);
    });
    expect(numbers(ends.leaf('bias'))[3]).toBeCloseTo(-0.5, 12);
    expect(numbers(zerosLike(w).flat)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});
