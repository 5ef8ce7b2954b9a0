import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { DataError } from './array-dataset.ts';

/**
 * Where an installed data package lies, as a file URL that ends with a slash. Data packages are optional: they are looked for when the
 * data is asked for, beside Thalweg and then from the working directory.
 */
export function packageFolder(name: string): URL {
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

/** A folder that the user named, as a URL that ends with a slash: a path, from the working directory, or a file URL. */
export const folderAt = (place: string | URL): URL =>
  new URL(`${place}`.replace(/\/?$/, '/'), pathToFileURL(`${process.cwd()}/`));

export const readBytes = (file: URL): Promise<Uint8Array<ArrayBuffer>> =>
  readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new Error(cause.code, { cause });
  });

export const listFolder = (folder: URL): Promise<string[]> => readdir(folder);
