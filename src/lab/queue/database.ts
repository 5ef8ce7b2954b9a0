import { openPool } from '../store/pool.ts';
import type { Patience } from './patience.ts';

/** The connections that pg-boss uses here: two at most, so that a hundred workers do not exhaust a server. */
export interface Database {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: Row[] }>;
  /** One connection, now: rejects when that fails. */
  reach(): Promise<void>;
  close(): Promise<void>;
}

type Row = Record<string, unknown>;

export function openDatabase(address: string, patience: Patience): Database {
  const pool = openPool(address, 2, 30);
  return {
    executeSql: (text, values) => patience.try(() => pool.query<Row>(text, values)),
    reach: async () => (await pool.connect()).release(),
    close: () => pool.end(),
  };
}
