import { ownVersion } from '#lab/machine';
import type { Database } from './database.ts';
import { LabError } from './lab.ts';
import { migrations } from './migrations/index.ts';

const migrationTable = 'migrations';
const lockTable = 'migrations_lock';

/** 'new': nothing is there yet; 'older': it can be brought up to date; 'ours': it is. Refuses everything else, and changes nothing. */
export async function stateOf(database: Database): Promise<'new' | 'older' | 'ours'> {
  const tables = await database.tables();
  if (tables.every((table) => table === migrationTable || table === lockTable)) return 'new';
  if (!tables.includes(migrationTable) || !tables.includes('versions')) {
    throw new LabError(
      `${database.name} is no lab of thalweg: it is a database with other tables (${[...tables].sort().slice(0, 3).join(', ')}); choose another place for the lab`,
    );
  }
  const done = await database.db.selectFrom('versions').selectAll().execute();
  const unknown = done.filter(({ migration }) => !Object.hasOwn(migrations, migration));
  if (unknown.length > 0) {
    const maker = unknown.sort((a, b) => (a.migration < b.migration ? 1 : -1))[0].thalweg;
    throw new LabError(
      `${database.name} was made by thalweg ${maker}, which is newer than this one (${ownVersion()}): it is left as it is; install thalweg ${maker} or later to open it, or choose another lab`,
    );
  }
  return done.length === Object.keys(migrations).length ? 'ours' : 'older';
}

/** Brings a lab up to date, or up to one migration: all of it, or nothing. */
export async function migrate(database: Database, to?: string): Promise<void> {
  const { Migrator } = await import('kysely/migration');
  const migrator = new Migrator({
    db: database.db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableName: migrationTable,
    migrationLockTableName: lockTable,
    migrationTableSchema: database.schema,
  });
  const { error } = await (to === undefined ? migrator.migrateToLatest() : migrator.migrateTo(to));
  if (error !== undefined) throw error;
}
