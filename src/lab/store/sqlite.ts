import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import {
  type Dialect,
  Kysely,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteStatement,
  sql,
} from 'kysely';
import { type Database, type Diagnosis, errorOf } from './database.ts';
import { LabError } from './lab.ts';
import type { Schema } from './schema.ts';

export interface SqliteOptions {
  /** Makes the file when it is missing. */
  readonly create: boolean;
  /** See Database. */
  readonly patience: number;
}

/** Opens the file, and changes nothing in it. */
export function openSqlite(
  path: string,
  { create, patience }: SqliteOptions,
): Database & { readonly file: DatabaseSync } {
  checkFile(path, create);
  const Sqlite = sqliteModule();
  let file: DatabaseSync;
  try {
    // SQLite waits for other writers for so many milliseconds, and nothing else happens in this process meanwhile; `attempt` waits on.
    file = new Sqlite(path, { timeout: 100, enableForeignKeyConstraints: true });
    // The first look into the file: a text is found out here.
    file.prepare('select count(*) from sqlite_master').get();
  } catch (error) {
    throw errorOf(diagnose(error) ?? { text: String(error), kind: 'failing' }, `${path} cannot be opened`, error);
  }
  const db = new Kysely<Schema>({ dialect: dialect(file) });
  return {
    name: path,
    db,
    file,
    now: sql<number>`cast(unixepoch('subsec') * 1000 as integer)`,
    patience,
    tables: async () =>
      file
        .prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\'")
        .all()
        .map(({ name }) => String(name)),
    diagnose,
    compact: async () => {
      file.exec('vacuum');
      file.exec('pragma wal_checkpoint(truncate)');
    },
    async close() {
      await db.destroy();
      // Kysely closes only what it has used.
      if (file.isOpen) file.close();
    },
  };
}

/**
 * For a lab that is written: a commit has reached the disk when it returns, and readers never wait for a writer. Kept apart from opening,
 * because the first of these changes the file.
 */
export function makeDurable(file: DatabaseSync): void {
  file.exec('pragma journal_mode = wal');
  file.exec('pragma synchronous = full');
  // On macOS an ordinary sync stays in the cache of the drive.
  file.exec('pragma fullfsync = on');
}

/** SQLite itself says 'unable to open database file' to all of these. */
function checkFile(path: string, create: boolean): void {
  const folder = dirname(resolve(path));
  const exists = existsSync(path);
  if (!exists && !create)
    throw new LabError(`there is no lab at ${path}; a race makes one (thalweg race --lab ${path})`);
  if (!existsSync(folder)) throw new LabError(`${path} cannot be made: there is no folder ${folder}; make it first`);
  if (exists && !statSync(path).isFile()) {
    throw new LabError(`${path} is no file; a lab is one file, such as ${join(path, 'lab.sqlite')}`);
  }
  // Beside the file lies its log, also when a lab is only looked at.
  for (const place of exists ? [path, folder] : [folder]) {
    try {
      accessSync(place, constants.R_OK | constants.W_OK);
    } catch (error) {
      throw new LabError(
        `${path} cannot be opened: this user may not read and write ${place}; change that, or copy the lab to a folder of your own`,
        { cause: error },
      );
    }
  }
}

/**
 * Node 22 calls its SQLite experimental each time it is loaded. The warning is withheld, that one only: loading is one synchronous call, so
 * nobody else can warn meanwhile.
 */
function sqliteModule(): typeof DatabaseSync {
  const { emitWarning } = process;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (/^SQLite is an experimental feature/.test(String(warning))) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    return process.getBuiltinModule('node:sqlite').DatabaseSync;
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Kysely's dialect for SQLite, told that SQLite can undo changes of the schema: a migration is done as a whole or not at all. */
function dialect(file: DatabaseSync): Dialect {
  const base = new SqliteDialect({ database: asKyselyExpects(file) });
  return {
    createDriver: () => base.createDriver(),
    createQueryCompiler: () => base.createQueryCompiler(),
    createIntrospector: (db) => base.createIntrospector(db),
    createAdapter: () => new TransactionalAdapter(),
  };
}

class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** Node's SQLite with the face of better-sqlite3. */
const asKyselyExpects = (file: DatabaseSync): SqliteDatabase => ({
  close: () => file.close(),
  prepare(text): SqliteStatement {
    // SQLite has ended the transaction itself after some errors, a full disk among them.
    if (text === 'rollback' && !file.isTransaction) return nothing;
    // All our transactions write. One that begins as a reader is refused at its first write when another process wrote meanwhile; one
    // that begins as a writer waits for its turn.
    const statement = file.prepare(text === 'begin' ? 'begin immediate' : text);
    return {
      reader: statement.columns().length > 0,
      all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
      run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
      iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
    };
  },
});

const nothing: SqliteStatement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [].values(),
};

/** By the primary result code: sqlite.org/rescode.html. */
const diagnoses: Readonly<Record<number, Diagnosis>> = {
  5: { text: 'another process is writing and did not come to an end', kind: 'passing' },
  6: { text: 'another process is writing and did not come to an end', kind: 'passing' },
  8: { text: 'the file may not be written', kind: 'refused' },
  10: { text: 'the disk failed, or is full', kind: 'failing' },
  11: { text: 'the file is damaged', kind: 'failing' },
  13: { text: 'the disk is full; make room and go on with `thalweg resume`', kind: 'failing' },
  14: { text: 'the file, or its folder, cannot be opened', kind: 'failing' },
  26: { text: 'it is no SQLite database', kind: 'refused' },
};

function diagnose(error: unknown): Diagnosis | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null;
  const known = diagnoses[error.errcode & 0xff];
  return known === undefined ? null : { ...known, text: `${known.text} (SQLite: ${error.message})` };
}
