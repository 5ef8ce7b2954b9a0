import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FolderError, makeFolder } from '../train/make-folder.ts';
import type { RaceResult } from './result.ts';

/** Refuses, by FolderError and before anything is computed, a path that no report can be written to; makes its folder. */
export function checkReport(path: string): void {
  const folder = dirname(resolve(path));
  makeFolder(folder);
  if (existsSync(path) && statSync(path).isDirectory()) throw new FolderError(`${path} is a folder; name a file`);
  try {
    accessSync(existsSync(path) ? path : folder, constants.W_OK);
  } catch (cause) {
    throw new FolderError(`${path} cannot be written; choose one where you may write`, { cause });
  }
}

export async function writeReport(path: string, result: RaceResult): Promise<void> {
  const { renderReport } = await import('./report/report.ts');
  writeFileSync(path, renderReport(result));
}
