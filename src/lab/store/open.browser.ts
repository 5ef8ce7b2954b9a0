import { PlatformError } from '../../runtime/platform.ts';
import type { Lab } from './lab.ts';

export async function openLab(where: string): Promise<Lab> {
  throw new PlatformError(
    `the lab ${where} cannot be opened: a browser has no databases; leave out 'lab' and keep the result`,
  );
}

export const isAddress = (where: string): boolean => /^postgres(ql)?:\/\//.test(where);
