import { randomUUID } from 'node:crypto';
import { access, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../../train/make-folder.ts';

/** Something is where an export was to go. */
export class ExportError extends Error {
  override readonly name = 'ExportError';
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * Writes a file or a folder under a temporary name beside its place, and moves it there when all of it is written: who looks sees all or
 * nothing. What is there already is refused by ExportError unless `overwrite`. Then a file is replaced, and files of a folder replace
 * those of the same names; others stay.
 */
export async function publish(
  out: string,
  overwrite: boolean,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  if (!overwrite && (await exists(out))) {
    throw new ExportError(`${out} exists already; give --yes to overwrite it, or another --out`);
  }
  makeFolder(dirname(out));
  const temporary = `${out}.${randomUUID().slice(0, 8)}.partial`;
  try {
    await write(temporary);
    await moveOver(temporary, out);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Moves a file, or the files of a folder into one that may exist. */
async function moveOver(from: string, to: string): Promise<void> {
  const isFolder = (await stat(from)).isDirectory();
  const there = await stat(to).catch(() => null);
  if (there && there.isDirectory() !== isFolder) {
    throw new ExportError(
      `${to} is a ${isFolder ? 'file' : 'folder'}, and this format makes a ${isFolder ? 'folder' : 'file'}; give another --out`,
    );
  }
  if (!isFolder || !there) return rename(from, to);
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const folder = join(to, entry.parentPath.slice(from.length));
    makeFolder(folder);
    await rename(join(entry.parentPath, entry.name), join(folder, entry.name));
  }
}
