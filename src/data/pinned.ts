import { readBytes } from '#data/files';
import { DataError } from './array-dataset.ts';
import { sha256 } from './sha256.ts';

/** What a file must be. */
export interface FilePin {
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** Refuses bytes that are not those pinned; `name` says in the message which they are. */
export async function verify(name: string, bytes: Uint8Array<ArrayBuffer>, pin: FilePin): Promise<void> {
  if (bytes.length !== pin.bytes) {
    throw new DataError(`${name} has ${bytes.length} bytes; expected ${pin.bytes}. Install its package anew`);
  }
  const got = await sha256(bytes);
  if (got !== pin.sha256) {
    throw new DataError(`${name} has SHA-256 ${got}; expected ${pin.sha256}. Install its package anew`);
  }
}

/** The bytes of one file of a folder, size and hash checked. */
export async function readPinned(folder: URL, path: string, pin: FilePin): Promise<Uint8Array<ArrayBuffer>> {
  const file = new URL(path, folder);
  const bytes = await readBytes(file).catch((cause: Error) => {
    throw new DataError(`${file.pathname} cannot be read (${cause.message}); expected ${pin.bytes} bytes`, { cause });
  });
  await verify(file.pathname, bytes, pin);
  return bytes;
}
