import pg from 'pg';
import type { Patience } from './patience.ts';

/** The connections that pg-boss uses here: two at most, so that a hundred workers do not exhaust a server. */
export interface Database {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: Row[] }>;
  /** One connection, now: rejects when that fails. */
  reach(): Promise<void>;
  close(): Promise<void>;
}

type Row = Record<string, unknown>;

/** Milliseconds until a connection, or the answer to a statement, counts as lost: a cut network is silent. */
const connectTimeout = 10_000;
const answerTimeout = 30_000;

export function openDatabase(address: string, patience: Patience): Database {
  const pool = new pg.Pool({
    connectionString: address,
    application_name: 'thalweg',
    max: 2,
    connectionTimeoutMillis: connectTimeout,
    query_timeout: answerTimeout,
    keepAlive: true,
    keepAliveInitialDelayMillis: connectTimeout,
  });
  // A connection that breaks is replaced when the next statement needs one; a statement under way fails by itself. Connections speak up
  // besides, more than once, and an error event that nobody hears would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return {
    executeSql: (text, values) => patience.try(() => pool.query<Row>(text, values)),
    reach: async () => (await pool.connect()).release(),
    close: () => pool.end(),
  };
}
