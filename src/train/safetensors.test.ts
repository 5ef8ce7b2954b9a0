import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors, SafetensorsError } from './safetensors.ts';

const file = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

const tensors = {
  w: { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, Number.NaN, Number.POSITIVE_INFINITY, -0) },
  b: { shape: [], data: Float64Array.of(Math.PI) },
  n: { shape: [2], data: Int32Array.of(-1, 2 ** 31 - 1) },
  m: { shape: [3], data: Uint8Array.of(0, 1, 255) },
};

describe('safetensors', () => {
  it('gives back every bit', () => {
    expect(decodeSafetensors(file(encodeSafetensors(tensors, { step: '3' })))).toEqual(tensors);
  });

  it('is the published format: little-endian length, JSON header, numbers at the offsets it names', () => {
    const bytes = file(encodeSafetensors({ w: tensors.w }));
    const view = new DataView(bytes.buffer);
    const length = Number(view.getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    expect(header.w).toEqual({ dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] });
    expect(view.getFloat32(8 + length + 4, true)).toBe(-2);
    expect((8 + length) % 8).toBe(0);
  });

  it('refuses a file that was cut off', () => {
    const bytes = file(encodeSafetensors(tensors));
    expect(() => decodeSafetensors(bytes.subarray(0, bytes.length - 1))).toThrow(SafetensorsError);
    expect(() => decodeSafetensors(bytes.subarray(0, 20))).toThrow(SafetensorsError);
    expect(() => decodeSafetensors(bytes.subarray(0, 5))).toThrow(SafetensorsError);
  });
});
