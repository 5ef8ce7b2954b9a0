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

/** Rows of more numbers are copied as a whole. */
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
  const widths = Object.fromEntries(Object.entries(described).map(([name, { shape }]) => [name, sizeOf(shape)]));
  return {
    size,
    fields: described,
    read(index, field, target, at) {
      const { data } = fields[field];
      const width = widths[field];
      const start = index * width;
      // A view is an object of its own, larger than a short row.
      if (width <= longRow) for (let i = 0; i < width; i++) target[at + i] = data[start + i];
      else target.set(data.subarray(start, start + width), at);
    },
  };
}

function dtypeOf(name: string, data: TypedArray): DType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  if (data instanceof Int32Array) return 'int32';
  if (data instanceof Uint8Array) return 'uint8';
  const found = (data as object | undefined)?.constructor?.name ?? String(data);
  throw new DataError(`field '${name}' is ${found}; it must be a Float32Array, Float64Array, Int32Array or Uint8Array`);
}
