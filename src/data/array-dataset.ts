import type { TypedArray } from '../runtime/engine.ts';
import type { DType } from '../tensor/dtype.ts';
import { type Shape, sizeOf } from '../tensor/shape.ts';
import type { Dataset, Field } from './dataset.ts';

/** The numbers of one field of all examples, one example after the other. */
export interface ArrayField {
  readonly data: TypedArray;
  /** Of one example. Default []: one number each. */
  readonly shape?: Shape;
  /** Only to say 'bool' of a Uint8Array; otherwise the array says it. */
  readonly dtype?: DType;
}

/** A view is an object of its own, larger than rows of fewer numbers. */
const longRow = 128;

/** Data that is not what it must be. The message says what was found, where, and what was expected. */
export class DataError extends Error {
  override readonly name = 'DataError';
}

/** A dataset over arrays in memory, which it does not copy. */
export function arrayDataset(fields: Readonly<Record<string, ArrayField>>): Dataset {
  const described: Record<string, Field> = {};
  let size: number | undefined;
  for (const [name, { data, shape = [], dtype = dtypeOf(name, data) }] of Object.entries(fields)) {
    const examples = data.length / sizeOf(shape);
    if (!Number.isInteger(examples)) {
      throw new DataError(`field '${name}': ${data.length} numbers do not part into examples of shape [${shape}]`);
    }
    if (examples !== (size ?? examples)) {
      throw new DataError(`field '${name}' has ${examples} examples, the fields before it have ${size}`);
    }
    size = examples;
    described[name] = { shape, dtype };
  }
  if (size === undefined) throw new DataError('a dataset needs at least one field');
  const readers = Object.fromEntries(
    Object.entries(described).map(([name, { shape }]) => [name, rowReader(fields[name].data, sizeOf(shape))]),
  );
  return {
    size,
    fields: described,
    read: (indices, field, target) => readers[field](indices, target),
  };
}

/** Reads rows of an array. Short ones of floats and of integers are copied as words alike, by a loop that knows one kind of array only. */
function rowReader(data: TypedArray, width: number): (indices: ArrayLike<number>, target: TypedArray) => void {
  const words = width < longRow ? wordsOf(data) : null;
  return (indices, target) => {
    const to = words && target.constructor === data.constructor ? wordsOf(target) : null;
    if (words && to) copyRows(words, indices, to, width);
    else {
      for (let i = 0, at = 0; i < indices.length; i++, at += width) {
        const start = indices[i] * width;
        target.set(data.subarray(start, start + width), at);
      }
    }
  };
}

/** The same memory, where elements have four bytes. */
const wordsOf = ({ buffer, byteOffset, length, BYTES_PER_ELEMENT: bytes }: TypedArray): Int32Array | null =>
  bytes === 4 ? new Int32Array(buffer, byteOffset, length) : null;

function copyRows(from: Int32Array, indices: ArrayLike<number>, to: Int32Array, width: number): void {
  for (let i = 0, at = 0; i < indices.length; i++) {
    const start = indices[i] * width;
    for (let k = start; k < start + width; k++) to[at++] = from[k];
  }
}

function dtypeOf(name: string, data: TypedArray): DType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  if (data instanceof Int32Array) return 'int32';
  if (data instanceof Uint8Array) return 'uint8';
  const found = (data as object | undefined)?.constructor?.name ?? String(data);
  throw new DataError(`field '${name}' is ${found}; it must be a Float32Array, Float64Array, Int32Array or Uint8Array`);
}
