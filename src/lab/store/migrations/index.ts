import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { ownVersion } from '#lab/machine';
import type { Schema } from '../schema.ts';
import { up as races } from './001-races.ts';
import { up as holds } from './002-holds.ts';

/** Also notes which thalweg did it, in the same transaction. */
const noted = (migration: string, up: (db: Kysely<Schema>) => Promise<void>): Migration => ({
  up: async (db: Kysely<Schema>) => {
    await up(db);
    await db
      .insertInto('versions')
      .values({ migration, thalweg: ownVersion(), migrated: new Date().toISOString() })
      .execute();
  },
});

/** In their order, for ever: one that was published is never changed, and what it made is changed by a further one. */
export const migrations: Readonly<Record<string, Migration>> = Object.fromEntries(
  Object.entries({ '001-races': races, '002-holds': holds }).map(([name, up]) => [name, noted(name, up)]),
);
