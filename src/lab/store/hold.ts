import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { attempt, type Database } from './database.ts';
import { isGone, nameOf, thisProcess } from './holder.ts';
import { LabError } from './lab.ts';
import type { HoldRow } from './schema.ts';

/** A lease on a race: a row with an expiry, which a timer puts off as long as the process lives. */
export interface Hold {
  readonly lost: AbortSignal;
  /** How the race ended; lets go of it. LabError when the hold was lost. */
  end(status: 'interrupted' | 'finished', seconds: number): Promise<void>;
  release(): Promise<void>;
}

/** Seconds after which a hold that was not renewed may be taken by anybody. It is renewed four times as often. */
export const defaultLease = 40;

export async function takeHold(database: Database, race: string, lease: number): Promise<Hold> {
  const token = randomBytes(8).toString('hex');
  await attempt(database, `take hold of ${race}`, () => take(database, race, token, lease));

  const lost = new AbortController();
  const lose = (): LabError => {
    const error = new LabError(
      `the hold on ${race} was lost: another process took the race over while this one did not answer`,
    );
    clearInterval(timer);
    lost.abort(error);
    return error;
  };
  let renewing = false;
  let over = false;
  const timer = setInterval(() => {
    if (renewing) return;
    renewing = true;
    renew(database, race, token, lease)
      .then(
        (kept) => kept || over || lose(),
        // What passes is tried again at the next turn. Nobody can take the hold before the database answers again.
        (error: unknown) => database.diagnose(error) !== null || lost.abort(error),
      )
      .finally(() => {
        renewing = false;
      });
  }, 250 * lease);
  timer.unref();

  const letGo = () => {
    over = true;
    clearInterval(timer);
  };
  const mine = () => database.db.deleteFrom('holds').where('race', '=', race).where('token', '=', token);
  return {
    lost: lost.signal,
    async end(status, seconds) {
      letGo();
      let again = false;
      const held = await attempt(database, `end ${race}`, () => {
        const second = again;
        again = true;
        return database.db.transaction().execute(async (db) => {
          const { numDeletedRows } = await db
            .deleteFrom('holds')
            .where('race', '=', race)
            .where('token', '=', token)
            .executeTakeFirst();
          if (numDeletedRows === 0n) {
            const other = await db.selectFrom('holds').select('token').where('race', '=', race).executeTakeFirst();
            // The first attempt may have come through, and only the answer to it been lost.
            return second && other === undefined;
          }
          await db
            .updateTable('races')
            .set((of) => ({ status, seconds: of('seconds', '+', seconds) }))
            .where('id', '=', race)
            .execute();
          return true;
        });
      });
      if (!held) throw lose();
    },
    async release() {
      letGo();
      await attempt(database, `release ${race}`, () => mine().execute());
    },
  };
}

/** The hold on a race by a process that may still live; null when nobody has it. `now` is the database's. */
export const living = (row: HoldRow | undefined, now: number): HoldRow | null =>
  row === undefined || row.expires <= now || isGone(row) ? null : row;

async function take(database: Database, race: string, token: string, lease: number): Promise<void> {
  const { db, now } = database;
  for (;;) {
    const found = await db
      .selectFrom('holds')
      .selectAll()
      .select(now.as('now'))
      .where('race', '=', race)
      .executeTakeFirst();
    const row = {
      race,
      token,
      ...thisProcess(),
      since: now,
      renewed: now,
      expires: sql<number>`${now} + ${1000 * lease}`,
    };
    if (found === undefined) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('holds')
        .values(row)
        .onConflict((conflict) => conflict.column('race').doNothing())
        .executeTakeFirst();
      if (numInsertedOrUpdatedRows === 1n) return;
      continue;
    }
    // Ours already: the answer to an earlier attempt was lost.
    if (found.token === token) return;
    if (living(found, found.now) !== null) throw new LabError(heldBy(race, found));
    const taken = await db.transaction().execute(async (db) => {
      // Only if nobody renewed or took it meanwhile.
      const { numUpdatedRows } = await db
        .updateTable('holds')
        .set(row)
        .where('race', '=', race)
        .where('token', '=', found.token)
        .where('expires', '=', found.expires)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      // The time of a run that never came to its end.
      await db
        .updateTable('races')
        .set((of) => ({ seconds: of('seconds', '+', secondsOf(found)) }))
        .where('id', '=', race)
        .execute();
      return true;
    });
    if (taken) return;
  }
}

/** For how long the race ran under this hold, as far as is known. */
export const secondsOf = ({ since, renewed }: Pick<HoldRow, 'since' | 'renewed'>): number => (renewed - since) / 1000;

export const heldBy = (race: string, hold: HoldRow): string =>
  `${race} is run by process ${hold.pid} on ${hold.host} since ${new Date(hold.since).toISOString()}; wait for it or end it (a process that died is noticed at once on its own machine, elsewhere after ${Math.round((hold.expires - hold.renewed) / 1000)} s)`;

export const holderName = (hold: HoldRow | null): string | null => (hold === null ? null : nameOf(hold));

async function renew({ db, now }: Database, race: string, token: string, lease: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('holds')
    .set({ renewed: now, expires: sql<number>`${now} + ${1000 * lease}` })
    .where('race', '=', race)
    .where('token', '=', token)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
