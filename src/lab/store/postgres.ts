import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { Database, Diagnosis } from './database.ts';
import { LabError } from './lab.ts';
import { openPool } from './pool.ts';
import type { Schema } from './schema.ts';

/** Our tables lie in a schema of their own, beside whatever else the database holds. */
const schema = 'thalweg';

/** Opens connections as they are needed. `patience` is how long an operation waits for a server that is away. */
export function openPostgres(address: string, patience: number): Database {
  const pool = openPool(checkAddress(address), 4, 60, { getTypeParser });
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
  // A deletion would write all of them anew, with other escapes.
  for (const name of ['password', 'sslpassword']) if (url.searchParams.has(name)) url.searchParams.delete(name);
  return url.href;
}

const needsPassword: Diagnosis = {
  text: 'the server wants a password; put it into ~/.pgpass or PGPASSWORD, or into the address',
  kind: 'refused',
};

/** By SQLSTATE (postgresql.org/docs/current/errcodes-appendix.html), or the name of a system error. */
const diagnoses: Readonly<Record<string, Diagnosis>> = {
  '28000': { text: 'the server does not let this user in', kind: 'refused' },
  '28P01': { text: 'the server does not accept the password', kind: 'refused' },
  '3D000': { text: 'there is no such database on the server; make it with createdb', kind: 'refused' },
  '42501': { text: 'this user has not the right to', kind: 'refused' },
  '53100': { text: "the server's disk is full; make room and go on with `thalweg resume`", kind: 'failing' },
  '40001': { text: 'other writers were in the way', kind: 'passing' },
  '40P01': { text: 'other writers were in the way', kind: 'passing' },
  '53300': { text: 'the server has no connection left', kind: 'passing' },
  '55P03': { text: 'other writers were in the way', kind: 'passing' },
  '57P01': { text: 'the server shut down', kind: 'passing' },
  '57P02': { text: 'the server crashed', kind: 'passing' },
  '57P03': { text: 'the server is starting or shutting down', kind: 'passing' },
  ENOTFOUND: { text: 'there is no such host', kind: 'refused' },
  ECONNREFUSED: { text: 'the server does not answer', kind: 'passing' },
  ECONNRESET: { text: 'the connection to the server was lost', kind: 'passing' },
  /** Of a socket, as of a port. */
  ENOENT: { text: 'the server does not answer', kind: 'passing' },
  EPIPE: { text: 'the connection to the server was lost', kind: 'passing' },
  ETIMEDOUT: { text: 'the server does not answer', kind: 'passing' },
  EHOSTUNREACH: { text: 'the server cannot be reached', kind: 'passing' },
  ENETUNREACH: { text: 'the server cannot be reached', kind: 'passing' },
  EAI_AGAIN: { text: 'the name of the host cannot be looked up', kind: 'passing' },
};

/** What Node says of a certificate: nodejs.org/api/tls.html#x509-certificate-error-codes. */
const certificate = /^(ERR_TLS_CERT|UNABLE_TO_(GET|VERIFY)|CERT_|SELF_SIGNED|DEPTH_ZERO_SELF_SIGNED|HOSTNAME_MISMATCH)/;

/** What pg says without a code. */
const words: readonly (readonly [RegExp, Diagnosis])[] = [
  [/SASL: .*password must be a (non-empty )?string/, needsPassword],
  [/^The server does not support SSL/, { text: 'the server has no TLS, which sslmode asks for', kind: 'refused' }],
];

/** What pg says of a connection that ended has no code. */
const connectionLost =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Postgres connection has been discarded)/;

export function diagnose(error: unknown): Diagnosis | null {
  if (!(error instanceof Error)) return null;
  // Several addresses of one host were tried.
  if (error instanceof AggregateError && error.errors.length > 0) return diagnose(error.errors[0]);
  const said = `(PostgreSQL: ${error.message})`;
  if (connectionLost.test(error.message)) {
    return { text: `the connection to the server was lost ${said}`, kind: 'passing' };
  }
  const [, spoken] = words.find(([pattern]) => pattern.test(error.message)) ?? [];
  if (spoken !== undefined) return spoken;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (certificate.test(code)) {
    return { text: `the server's certificate is not accepted (${error.message})`, kind: 'refused' };
  }
  // A file that the address names: sslrootcert, say.
  if (code === 'ENOENT' && (error as NodeJS.ErrnoException).syscall !== 'connect') {
    return { text: `what its address names is not there (${error.message})`, kind: 'refused' };
  }
  // Class 08 is 'connection exception'.
  const known = diagnoses[code] ?? (code.startsWith('08') ? diagnoses.ECONNRESET : undefined);
  if (known !== undefined) return { ...known, text: `${known.text} ${said}` };
  return null;
}
