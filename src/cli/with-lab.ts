import { openLab } from '#lab/store/open';
import type { Lab } from '../lab/store/lab.ts';
import { defaultLab } from './options.ts';

export interface LabFlags {
  readonly lab?: string;
}

/** Opens the lab that is there, and closes it whatever happens. */
export async function withLab<T>({ lab: where = defaultLab() }: LabFlags, work: (lab: Lab) => Promise<T>): Promise<T> {
  const lab = await openLab(where, { create: false });
  try {
    return await work(lab);
  } finally {
    await lab.close();
  }
}
