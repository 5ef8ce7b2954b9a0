import { describe, expect, it } from 'vitest';
import { arange, concat, constant, scatterAdd, zeros } from '../../tensor/functions.ts';
import { apply } from '../../tensor/tensor.ts';
import { compute, filledWith, vector } from '../../testing/compute.ts';
import { EngineError } from '../engine.ts';

const grid = filledWith([2, 3], (i) => i); // 0 1 2 / 3 4 5
const cube = filledWith([2, 2, 3], (i) => i);
const at = (...values: number[]) => ({ shape: [values.length], values, dtype: 'int32' as const });

describe('reference reductions', () => {
  it('sums over some axes', () => {
    expect(compute((x) => x.sum(0), grid)).toEqual([3, 5, 7]);
    expect(compute((x) => x.sum(1), grid)).toEqual([3, 12]);
    expect(compute((x) => x.sum(), grid)).toEqual([15]);
    expect(compute((x) => x.sum([0, 2]), cube)).toEqual([24, 42]);
    expect(
      compute(
        (x) => x.sum(0),
        filledWith([0, 2], () => 1),
      ),
    ).toEqual([0, 0]);
  });

  it('finds extrema and lets NaN through', () => {
    expect(
      compute(
        (x) => x.max(1),
        filledWith([2, 3], (i) => -i - 1),
      ),
    ).toEqual([-1, -4]);
    expect(compute((x) => x.min(0), grid)).toEqual([0, 1, 2]);
    expect(compute((x) => x.max(), vector(1, Number.NaN, 3))).toEqual([Number.NaN]);
  });

  it('answers the first of equal largest elements', () => {
    expect(compute((x) => x.argmax(), vector(1, 5, 5, 2))).toEqual([1]);
    expect(compute((x) => x.argmax(0), { shape: [2, 3], values: [1, 5, 2, 3, 4, 2] })).toEqual([1, 0, 0]);
    expect(compute((x) => x.argmax(), vector(1, Number.NaN, 5, Number.NaN))).toEqual([1]);
  });
});

describe('reference movement', () => {
  it('transposes', () => {
    expect(compute((x) => x.transpose(), grid)).toEqual([0, 3, 1, 4, 2, 5]);
    expect(compute((x) => x.transpose([2, 0, 1]), cube)).toEqual([0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
  });

  it('broadcasts', () => {
    expect(compute((x) => x.broadcastTo([2, 2, 2]), { shape: [2, 1], values: [1, 2] })).toEqual([
      1, 1, 2, 2, 1, 1, 2, 2,
    ]);
  });

  it('slices with strides', () => {
    expect(compute((x) => x.slice([0, 0], [2, 3], [1, 2]), grid)).toEqual([0, 2, 3, 5]);
    expect(
      compute(
        (x) => x.slice([1], [6], [2]),
        filledWith([7], (i) => i),
      ),
    ).toEqual([1, 3, 5]);
    expect(compute((x) => x.slice([1], [1]), vector(1, 2))).toEqual([]);
  });

  it('pads around and between', () => {
    const padded = compute((x) => x.pad([1], [2], { interior: [1], value: 9 }), vector(1, 2, 3));
    expect(padded).toEqual([9, 1, 9, 2, 9, 3, 9, 9]);
    expect(compute((x) => x.pad([0, 1], [1, 0]), { shape: [1, 2], values: [1, 2] })).toEqual([0, 1, 2, 0, 0, 0]);
  });

  it('joins and flips', () => {
    expect(compute((x) => concat([x, x], 1), grid)).toEqual([0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5]);
    expect(compute((x) => x.flip(1), grid)).toEqual([2, 1, 0, 5, 4, 3]);
    expect(compute((x) => x.flip([0, 1]), grid)).toEqual([5, 4, 3, 2, 1, 0]);
  });

  it('repeats and sums segments, an empty one included', () => {
    const sizes = [2, 0, 3];
    expect(compute((x) => apply('segmentBroadcast', [x], { sizes }), vector(7, 8, 9))).toEqual([7, 7, 9, 9, 9]);
    expect(compute((x) => apply('segmentSum', [x], { sizes }), vector(1, 2, 3, 4, 5))).toEqual([3, 0, 12]);
  });
});

describe('reference indexing', () => {
  it('gathers on an axis', () => {
    expect(compute((x, i) => x.gather(i), grid, at(1, 1, 0))).toEqual([3, 4, 5, 3, 4, 5, 0, 1, 2]);
    expect(compute((x, i) => x.gather(i, 1), grid, at(2, 0))).toEqual([2, 0, 5, 3]);
  });

  it('scatters, repeats adding up', () => {
    const result = compute((i, u) => scatterAdd(i, u, { size: 4 }), at(2, 0, 2), vector(1, 2, 3));
    expect(result).toEqual([2, 0, 4, 0]);
    const columns = compute((i, u) => scatterAdd(i, u, { size: 2, axis: 1 }), at(1, 1, 0), grid);
    expect(columns).toEqual([2, 1, 5, 7]);
  });

  it('refuses indices out of range, naming op, index and range', () => {
    const gather = () => compute((x, i) => x.gather(i), grid, at(0, 2));
    expect(gather).toThrow(EngineError);
    expect(gather).toThrow('gather: index 2 lies outside [0, 2)');
    const scatter = () => compute((i, u) => scatterAdd(i, u, { size: 2 }), at(-1), vector(1));
    expect(scatter).toThrow('scatterAdd: index -1 lies outside [0, 2)');
  });

  it('counts along an axis and holds constants', () => {
    expect(compute(() => arange(4))).toEqual([0, 1, 2, 3]);
    expect(compute(() => apply('iota', [], { axis: 0, shape: [2, 3], dtype: 'int32' }))).toEqual([0, 0, 0, 1, 1, 1]);
    expect(compute(() => constant([[0.1, 2]]))).toEqual([0.1, 2]);
    expect(compute(() => zeros([2, 0]))).toEqual([]);
  });
});
