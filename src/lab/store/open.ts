import type { Database } from './database.ts';
import { type Lab, LabError } from './lab.ts';

export interface OpenOptions {
  /** Makes a lab that is not there; the default. Without, that is refused. */
  readonly create?: boolean;
  /** Seconds for which an operation waits for a file that others write, or a server that is away. Default: 60. */
  readonly patience?: number;
  /** Seconds after which a race whose process fell silent may be taken over by another host. Default: 40. */
  readonly lease?: number;
}

/**
 * Opens a lab: an SQLite file by its path, or a PostgreSQL database by its address (postgres://user:password@host/database). An older lab
 * is brought up to date; a newer one, and what is no lab, is refused by LabError and left as it is.
 */
export async function openLab(where: string, options: OpenOptions = {}): Promise<Lab> {
  const { create = true, patience = 60, lease } = options;
  // Loaded when they are needed: the library is also imported by those who keep nothing.
  const [{ attempt }, { migrate, stateOf }, { sqlLab }, { defaultLease }] = await Promise.all([
    import('./database.ts'),
    import('./migrate.ts'),
    import('./sql-lab.ts'),
    import('./hold.ts'),
  ]);
  const { database, prepare } = await connect(where, create, patience);
  try {
    // A server that is away when the lab is opened is more likely a wrong address.
    const state = await attempt({ ...database, patience: Math.min(patience, 2) }, 'open it', () => stateOf(database));
    if (state === 'new' && !create) throw new LabError(`there is no lab in ${database.name}; a race makes one`);
    await attempt(database, 'prepare it', async () => {
      prepare();
      if (state !== 'ours') await migrate(database);
    });
  } catch (error) {
    await database.close();
    throw error;
  }
  return sqlLab(database, lease ?? defaultLease);
}

/** Is it an address of PostgreSQL, not a path? */
export const isAddress = (where: string): boolean => /^postgres(ql)?:\/\//.test(where);

async function connect(
  where: string,
  create: boolean,
  patience: number,
): Promise<{ readonly database: Database; readonly prepare: () => void }> {
  if (isAddress(where)) {
    const { openPostgres } = await import('./postgres.ts');
    return { database: openPostgres(where, patience), prepare: () => {} };
  }
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(where);
  if (scheme) {
    throw new LabError(`a lab cannot be at ${scheme[0]}...; give a path such as lab.sqlite, or a postgres:// address`);
  }
  if (where === '') throw new LabError('a lab needs a path such as lab.sqlite, or a postgres:// address');
  const { makeDurable, openSqlite } = await import('./sqlite.ts');
  const database = openSqlite(where, { create, patience });
  return { database, prepare: () => makeDurable(database.file) };
}
