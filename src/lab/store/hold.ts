import { type Kysely, sql } from 'kysely';
import { attempt, type Database } from './database.ts';
import { isGone, nameOf, thisProcess } from './holder.ts';
import { LabError, LabFailure } from './lab.ts';
import { randomHex } from './random-hex.ts';
import type { HoldRow, Schema } from './schema.ts';

/** A lease on a race: a row with an expiry, which a timer puts off as long as the process lives. */
export interface Hold {
  readonly lost: AbortSignal;
  /** How the race ended; lets go of it. LabError when the hold was lost. */
  end(status: 'interrupted' | 'finished', seconds: number): Promise<void>;
  /** Lets go of a race that did not come to its end. */
  release(): Promise<void>;
}

/** Seconds after which a hold that was not renewed may be taken by anybody. */
export const defaultLease = 40;
/** How often a hold is renewed in that time. Of a process that is killed, the seconds since the last renewal are not counted. */
const renewals = 16;

export async function takeHold(database: Database, race: string, lease: number): Promise<Hold> {
  const token = randomHex(8);
  await attempt(database, `take hold of ${race}`, () => take(database, race, token, lease));

  const lost = new AbortController();
  const lose = (): LabFailure => {
    const error = new LabFailure(
      `the hold on ${race} was lost: another process took the race over while this one did not answer`,
    );
    clearInterval(timer);
    lost.abort(error);
    return error;
  };
  let renewing = false;
  let over = false;
  const timer = setInterval(
    () => {
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
    },
    (1000 * lease) / renewals,
  );
  timer.unref();

  const letGo = () => {
    over = true;
    clearInterval(timer);
  };
  return {
    lost: lost.signal,
    async end(status, seconds) {
      letGo();
      let again = false;
      const held = await attempt(database, `end ${race}`, () => {
        const second = again;
        again = true;
        return database.db.transaction().execute(async (db) => {
          if ((await drop(database, db, race, token)) === null) {
            const other = await db.selectFrom('holds').select('token').where('race', '=', race).executeTakeFirst();
            // The first attempt may have come through, and only the answer to it been lost.
            return second && other === undefined;
          }
          await addSeconds(db, race, seconds);
          await db.updateTable('races').set({ status }).where('id', '=', race).execute();
          return true;
        });
      });
      if (!held) throw lose();
    },
    async release() {
      letGo();
      await attempt(database, `release ${race}`, () =>
        database.db.transaction().execute(async (db) => {
          const seconds = await drop(database, db, race, token);
          if (seconds !== null) await addSeconds(db, race, seconds);
        }),
      );
    },
  };
}

/** Deletes a hold; the seconds that it lasted, or null when there is none. */
async function drop({ now }: Database, db: Kysely<Schema>, race: string, token: string): Promise<number | null> {
  const row = await db
    .deleteFrom('holds')
    .where('race', '=', race)
    .where('token', '=', token)
    .returning(['since', now.as('now')])
    .executeTakeFirst();
  return row === undefined ? null : secondsTo(row.now, row);
}

/** Counts the time of a run of a race. */
async function addSeconds(db: Kysely<Schema>, race: string, seconds: number): Promise<void> {
  await db
    .updateTable('races')
    .set((of) => ({ seconds: of('seconds', '+', seconds) }))
    .where('id', '=', race)
    .execute();
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
      await addSeconds(db, race, secondsTo(found.renewed, found));
      return true;
    });
    if (taken) return;
  }
}

const secondsTo = (time: number, { since }: Pick<HoldRow, 'since'>): number => (time - since) / 1000;

/** For how long the race has run under its hold: until now, or as far as is known of a process that is gone. `now` is the database's. */
export const secondsOf = (row: HoldRow, now: number): number =>
  secondsTo(living(row, now) === null ? row.renewed : now, row);

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
