import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { Database, Diagnosis } from './database.ts';
import { LabError } from './lab.ts';
import type { Schema } from './schema.ts';

/** Our tables lie in a schema of their own, beside whatever else the database holds. */
const schema = 'thalweg';

/** Opens connections as they are needed. `patience` is how long an operation waits for a server that is away. */
export function openPostgres(address: string, patience: number): Database {
  const pool = new pg.Pool({
    connectionString: checkAddress(address),
    application_name: 'thalweg',
    max: 4,
    connectionTimeoutMillis: 10_000,
    // A network that swallows packets, and says nothing, is noticed all the same.
    query_timeout: 60_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser },
  });
  // A connection was cut. Whoever has a query on it hears of that by the query; whoever needs one next opens another.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  return {
    name: withoutPassword(address),
    db: db.withSchema(schema),
    schema,
    now: sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`,
    patience,
    async tables() {
      const { rows } = await sql<{ name: string }>`
        select tablename as name from pg_catalog.pg_tables where schemaname = ${schema}`.execute(db);
      return rows.map(({ name }) => name);
    },
    diagnose,
    /** Makes the space free for what comes; PostgreSQL gives it back to the disk where it is at the end of its files. */
    async compact() {
      for (const table of ['curves', 'trials', 'holds', 'races']) {
        await sql`vacuum (analyze) ${sql.table(`${schema}.${table}`)}`.execute(db);
      }
    },
    async close() {
      await db.destroy();
      // Kysely closes only what it has used.
      if (!pool.ending) await pool.end();
    },
  };
}

/** Whole numbers of 64 bits as numbers: ours are below 2^53. */
const getTypeParser: pg.CustomTypesConfig['getTypeParser'] = (id, format) =>
  id === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(id, format);

function checkAddress(address: string): string {
  // The error of URL would hold the address, and with it the password.
  if (URL.canParse(address)) return address;
  throw new LabError(
    'the address of the PostgreSQL lab cannot be read; it must be postgres://user:password@host:port/database, with special characters of the password as %40 and the like',
  );
}

export function withoutPassword(address: string): string {
  const url = new URL(address);
  url.password = '';
  for (const name of ['password', 'sslpassword']) url.searchParams.delete(name);
  return url.href;
}

/** By SQLSTATE (postgresql.org/docs/current/errcodes-appendix.html), or the name of a system error. */
const diagnoses: Readonly<Record<string, Diagnosis>> = {
  '28000': { text: 'the server does not let this user in', passing: false },
  '28P01': { text: 'the server does not accept the password', passing: false },
  '3D000': { text: 'there is no such database on the server; make it with createdb', passing: false },
  '42501': { text: 'this user has not the right to', passing: false },
  '53100': { text: "the server's disk is full; make room and go on with `thalweg resume`", passing: false },
  '40001': { text: 'other writers were in the way', passing: true },
  '40P01': { text: 'other writers were in the way', passing: true },
  '53300': { text: 'the server has no connection left', passing: true },
  '55P03': { text: 'other writers were in the way', passing: true },
  '57P01': { text: 'the server shut down', passing: true },
  '57P02': { text: 'the server crashed', passing: true },
  '57P03': { text: 'the server is starting or shutting down', passing: true },
  ENOTFOUND: { text: 'there is no such host', passing: false },
  ECONNREFUSED: { text: 'the server does not answer', passing: true },
  ECONNRESET: { text: 'the connection to the server was lost', passing: true },
  EPIPE: { text: 'the connection to the server was lost', passing: true },
  ETIMEDOUT: { text: 'the server does not answer', passing: true },
  EHOSTUNREACH: { text: 'the server cannot be reached', passing: true },
  ENETUNREACH: { text: 'the server cannot be reached', passing: true },
  EAI_AGAIN: { text: 'the name of the host cannot be looked up', passing: true },
};

/** What pg says of a connection that ended has no code. */
const connectionLost =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Postgres connection has been discarded)/;

function diagnose(error: unknown): Diagnosis | null {
  if (!(error instanceof Error)) return null;
  // Several addresses of one host were tried.
  if (error instanceof AggregateError && error.errors.length > 0) return diagnose(error.errors[0]);
  const said = `(PostgreSQL: ${error.message})`;
  if (connectionLost.test(error.message)) {
    return { text: `the connection to the server was lost ${said}`, passing: true };
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  // Class 08 is 'connection exception'.
  const known = diagnoses[code] ?? (code.startsWith('08') ? diagnoses.ECONNRESET : undefined);
  if (known !== undefined) return { ...known, text: `${known.text} ${said}` };
  return null;
}
