import { setTimeout } from 'node:timers/promises';
import type { Kysely, RawBuilder } from 'kysely';
import { LabError, LabFailure } from './lab.ts';
import type { Schema } from './schema.ts';

/** What SQLite and PostgreSQL do differently. All queries are made through `db`, the same for both. */
export interface Database {
  /** A path or an address, without a password. */
  readonly name: string;
  readonly db: Kysely<Schema>;
  /** Schema of the tables of thalweg where the database has schemas. */
  readonly schema?: string;
  /** Milliseconds since 1970, by the clock that all who use this database share. */
  readonly now: RawBuilder<number>;
  /** Seconds for which an operation is tried again that failed by a passing trouble. */
  readonly patience: number;
  /** Names of the tables that are there. */
  tables(): Promise<readonly string[]>;
  /** What an error of the engine means; null for an error that is not the engine's. */
  diagnose(error: unknown): Diagnosis | null;
  compact(): Promise<void>;
  close(): Promise<void>;
}

export interface Diagnosis {
  readonly text: string;
  /**
   * 'passing': it may well work in a moment, for another process writes, or the server restarts. 'failing': the disk is full, the file
   * damaged. 'refused': it is not there, or not for this user.
   */
  readonly kind: 'passing' | 'failing' | 'refused';
}

/** What a diagnosis is told by. */
export const errorOf = ({ text, kind }: Diagnosis, what: string, cause: unknown): LabError =>
  new (kind === 'refused' ? LabError : LabFailure)(`${what}: ${text}`, { cause });

/** Does work that may be done twice, over a passing trouble too. What cannot be done is a LabError that says why. */
export async function attempt<T>(
  { name, patience, diagnose }: Pick<Database, 'name' | 'patience' | 'diagnose'>,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  const until = performance.now() + 1000 * patience;
  for (let pause = 10; ; pause = Math.min(2 * pause, 1000)) {
    try {
      return await work();
    } catch (error) {
      const found = error instanceof LabError ? null : diagnose(error);
      if (found === null) throw error;
      if (found.kind !== 'passing' || performance.now() + pause > until) {
        throw errorOf(found, `${name}: cannot ${what}`, error);
      }
      await setTimeout(pause);
    }
  }
}
