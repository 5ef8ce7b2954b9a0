import { PlatformError } from '../runtime/platform.ts';
import type { RaceResult } from './result.ts';

export function checkReport(path: string): void {
  throw new PlatformError(`no report can be written to ${path}: a browser has no files; leave out 'report'`);
}

export async function writeReport(path: string, _result: RaceResult): Promise<void> {
  checkReport(path);
}
