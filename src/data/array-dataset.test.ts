import { describe, expect, test } from 'vitest';
import { arrayDataset } from './array-dataset.ts';
import type { Dataset } from './dataset.ts';
import { fillBatch } from './fill-batch.ts';
import { slice, split, subset, thin } from './split.ts';
import { textWindows } from './text-windows.ts';
import { vocabulary } from './vocabulary.ts';

const numbered = (size: number): Dataset =>
  arrayDataset({
    x: { data: Float32Array.from({ length: 2 * size }, (_, i) => i), shape: [2] },
    y: { data: Int32Array.from({ length: size }, (_, i) => i) },
  });

const ys = (dataset: Dataset): number[] => {
  const found = new Int32Array(dataset.size);
  dataset.read([...found.keys()], 'y', found);
  return [...found];
};

describe('arrayDataset', () => {
  test('describes its fields and reads examples where it is told', () => {
    const data = numbered(4);
    expect(data.size).toBe(4);
    expect(data.fields).toEqual({ x: { shape: [2], dtype: 'float32' }, y: { shape: [], dtype: 'int32' } });
    for (const kind of [Float32Array, Float64Array, Int32Array, Uint8Array]) {
      const target = new kind(6);
      data.read([2, 0], 'x', target.subarray(1, 5));
      expect([...target]).toEqual([0, 4, 5, 0, 1, 0]);
    }
  });
  test('refuses fields that do not fit', () => {
    expect(() => arrayDataset({ x: { data: new Float32Array(5), shape: [2] } })).toThrow("field 'x': 5 numbers");
    expect(() => arrayDataset({ x: { data: new Float32Array(5) }, y: { data: new Int32Array(4) } })).toThrow(
      "field 'y' has 4 examples, the fields before it have 5",
    );
    expect(() => arrayDataset({})).toThrow('at least one field');
  });
});

describe('fillBatch', () => {
  const buffers = () => ({
    x: { shape: [3, 2], dtype: 'float32', data: new Float32Array(6) } as const,
    y: { shape: [3], dtype: 'int32', data: new Int32Array(3) } as const,
  });
  test('stacks the examples in the order of the indices', () => {
    const batch = buffers();
    fillBatch(numbered(5), [4, 0, 4], batch);
    expect([...batch.x.data]).toEqual([8, 9, 0, 1, 8, 9]);
    expect([...batch.y.data]).toEqual([4, 0, 4]);
  });
  test('refuses buffers that do not fit', () => {
    expect(() => fillBatch(numbered(5), [0, 1], buffers())).toThrow(
      "field 'x' needs a buffer of shape [2,2], not [3,2]",
    );
    expect(() => fillBatch(numbered(5), [0], { z: buffers().y })).toThrow("no field 'z'");
  });
});

describe('splits', () => {
  test('part the examples without loss or overlap, shuffled by a seed', () => {
    const parts = split(numbered(50), { validation: 0.2, seed: 7 });
    expect([parts.train.size, parts.validation.size, parts.test.size]).toEqual([35, 10, 5]);
    const all = [...ys(parts.train), ...ys(parts.validation), ...ys(parts.test)];
    expect(all).not.toEqual(ys(numbered(50)));
    expect(all.sort((a, b) => a - b)).toEqual(ys(numbered(50)));
    expect(ys(split(numbered(50), { validation: 0.2, seed: 7 }).test)).toEqual(ys(parts.test));
  });
  test('keep the order without a seed', () => {
    expect(ys(split(numbered(10), { seed: null }).validation)).toEqual([8]);
  });
  test('refuse to leave a part empty', () => {
    expect(() => split(numbered(3))).toThrow('got train 3, validation 0, test 0');
    expect(() => split(numbered(10), { validation: 0.9 })).toThrow('got train 0');
  });
  test('views compose', () => {
    expect(ys(subset(slice(numbered(10), 4, 8), [3, 0]))).toEqual([7, 4]);
    expect(ys(thin(numbered(10), 3))).toEqual([0, 3, 6]);
    expect(() => slice(numbered(10), 4, 11)).toThrow('4 to 11');
  });
});

describe('text', () => {
  test('windows cover each symbol once as a target and drop the rest', () => {
    const windows = textWindows(
      Uint8Array.from({ length: 10 }, (_, i) => i),
      { length: 3 },
    );
    expect(windows.size).toBe(3);
    const target = new Int32Array(9);
    windows.read([0, 1, 2], 'target', target);
    expect([...target]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(textWindows(new Uint8Array(10), { length: 3, stride: 1 }).size).toBe(7);
    expect(() => textWindows(new Uint8Array(3), { length: 3 })).toThrow('3 symbols do not fill');
  });
  test('a vocabulary encodes and decodes, and names the character it lacks', () => {
    const letters = vocabulary('abc ');
    expect([...letters.encode('cab a')]).toEqual([2, 0, 1, 3, 0]);
    expect(letters.decode([1, 0, 3])).toBe('ba ');
    expect(() => letters.encode('abd')).toThrow('"d" at 2');
    expect(() => vocabulary('aba')).toThrow("'a' comes twice");
  });
});
