import { DataError } from './array-dataset.ts';

/** A page has no node_modules to look into. */
export function packageFolder(name: string): URL {
  throw new DataError(
    `a browser cannot look for the data package '${name}'; let the page's server serve its files and say where they lie (option 'from')`,
  );
}

/** A folder that the user named, as a URL that ends with a slash: a URL, or a path from the page on. */
export const folderAt = (place: string | URL): URL => new URL(`${place}`.replace(/\/?$/, '/'), location.href);

export async function readBytes(file: URL): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(file);
  if (!response.ok) throw new Error(`the server answers ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** HTTP lists no folders. */
export function listFolder(folder: URL): Promise<string[]> {
  throw new DataError(`a browser cannot list ${folder.href}`);
}
