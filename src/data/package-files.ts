import { DataError } from './array-dataset.ts';

/**
 * Where an installed data package lies, as a file URL that ends with a slash. Data packages are optional: they are looked for when the
 * data is asked for, beside Thalweg and then from the working directory. Node only.
 */
export async function packageFolder(name: string): Promise<URL> {
  const { createRequire } = await import('node:module');
  const { pathToFileURL } = await import('node:url');
  const places = [import.meta.url, pathToFileURL(`${process.cwd()}/`).href];
  for (const place of places) {
    try {
      return new URL('.', pathToFileURL(createRequire(place).resolve(`${name}/package.json`)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new DataError(`the data package '${name}' is not installed; install it with: npm install ${name}`);
}

/** What a file must be. */
export interface FilePin {
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
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

/** The bytes of one file of an installed package, size and hash checked. */
export async function readPinned(folder: URL, path: string, pin: FilePin): Promise<Uint8Array<ArrayBuffer>> {
  const { readFile } = await import('node:fs/promises');
  const file = new URL(path, folder);
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new DataError(`${file.pathname} cannot be read (${error.code}); expected ${pin.bytes} bytes`, {
      cause: error,
    });
  });
  await verify(file.pathname, bytes, pin);
  return bytes;
}

/** Loads once and shares the result; a load that failed is tried again. */
export function shared<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
}
