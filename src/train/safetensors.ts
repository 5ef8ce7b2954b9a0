import type { TypedArray } from '../runtime/engine.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { SavedTensor } from './stepper.ts';

// The safetensors format: eight bytes with the length of a JSON header (little endian), the header, the numbers.
// https://github.com/huggingface/safetensors#format

const names = { F32: Float32Array, F64: Float64Array, I32: Int32Array, U8: Uint8Array } as const;
type Kind = keyof typeof names;

interface Entry {
  readonly dtype: Kind;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** A file that is no safetensors file, or not a whole one. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';
}

const kindOf = (data: TypedArray): Kind => {
  const found = Object.entries(names).find(([, type]) => data instanceof type);
  return (found as [Kind, unknown])[0];
};

const bytesOf = (data: TypedArray): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** The parts of a file, in order; written one after another they are the file. */
export function encodeSafetensors(
  tensors: Readonly<Record<string, SavedTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const header: Record<string, Entry | Record<string, string>> = { __metadata__: { ...metadata } };
  // Wider elements first, so that every tensor begins at a multiple of its element size.
  const ordered = Object.entries(tensors).sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  let offset = 0;
  for (const [name, { shape, data }] of ordered) {
    header[name] = { dtype: kindOf(data), shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = JSON.stringify(header);
  const padded = new TextEncoder().encode(json.padEnd(Math.ceil(json.length / 8) * 8));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(padded.length), true);
  return [length, padded, ...ordered.map(([, { data }]) => bytesOf(data))];
}

export function decodeSafetensors(file: Uint8Array): Record<string, SavedTensor> {
  if (file.length < 8) throw new SafetensorsError(`the file has ${file.length} bytes; it must have at least 8`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  const start = 8 + headerLength;
  if (start > file.length) throw new SafetensorsError(`the header has ${headerLength} bytes, the file ${file.length}`);
  const { __metadata__: _, ...header } = JSON.parse(new TextDecoder().decode(file.subarray(8, start))) as Record<
    string,
    Entry
  >;
  return Object.fromEntries(
    Object.entries(header).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        const type = names[dtype];
        if (!type) throw new SafetensorsError(`'${name}' is ${dtype}; only ${Object.keys(names).join(', ')} are known`);
        if (start + to > file.length || to - from !== sizeOf(shape) * type.BYTES_PER_ELEMENT) {
          throw new SafetensorsError(
            `'${name}' [${shape}] does not fill bytes ${from} to ${to} of ${file.length - start}`,
          );
        }
        // A copy: aligned, and free of the file (Node's Buffer would share it even by slice).
        return [name, { shape, data: new type(new Uint8Array(file.subarray(start + from, start + to)).buffer) }];
      },
    ),
  );
}
