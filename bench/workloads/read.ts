import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Workload } from '../peers/peer.ts';
import type { StoredWorkload } from '../protocol.ts';

/** A workload with its tensors, from its JSON file. */
export function readWorkload(path: string): Workload {
  const { file, tensors, ...rest } = JSON.parse(readFileSync(path, 'utf8')) as StoredWorkload;
  const descriptor = openSync(join(dirname(path), file), 'r');
  const loaded = Object.entries(tensors).map(([name, { shape, dtype, offset }]) => {
    const length = shape.reduce((a, b) => a * b, 1);
    const data = dtype === 'int32' ? new Int32Array(length) : new Float32Array(length);
    const bytes = new Uint8Array(data.buffer);
    if (readSync(descriptor, bytes, 0, bytes.length, offset) !== bytes.length) throw new Error(`${file} is too short`);
    return [name, { shape, data }] as const;
  });
  closeSync(descriptor);
  return { ...rest, tensors: Object.fromEntries(loaded) };
}
