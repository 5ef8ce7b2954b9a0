import type { RacePlan } from '../plan.ts';
import { attempt, type Database } from './database.ts';
import { type Hold, heldBy, living, takeHold } from './hold.ts';
import { type About, type HeldRace, type Lab, LabError } from './lab.ts';
import { ledgerOf, readTrials } from './ledger.ts';
import { readRaces } from './races.ts';
import { randomHex } from './random-hex.ts';
import { readRecords } from './records.ts';
import { summaryColumns, summaryOf } from './rows.ts';

/** A lab in a database whose tables are there. */
export function sqlLab(database: Database, lease: number): Lab {
  const { db, name } = database;
  const holds = new Set<Hold>();
  const doing = <T>(what: string, work: () => Promise<T>): Promise<T> => attempt(database, what, work);

  /** Refuses a race that is not there, by its whole id. */
  const planOf = async (id: string): Promise<RacePlan> => {
    const row = await doing(`read ${id}`, () =>
      db.selectFrom('races').select('plan').where('id', '=', id).executeTakeFirst(),
    );
    if (row === undefined) throw await noSuchRace(id);
    return JSON.parse(row.plan);
  };

  const newestFirst = () =>
    doing('read its races', () =>
      db.selectFrom('races').select('id').orderBy('created', 'desc').orderBy('id').execute(),
    );

  const noSuchRace = async (id: string): Promise<LabError> => {
    const ids = (await newestFirst()).map((race) => race.id);
    const known = ids.length === 0 ? 'it holds no race yet' : `there are ${firstOf(ids)}`;
    return new LabError(`there is no race '${id}' in ${name}; ${known}`);
  };

  return {
    name,

    async create(plan, about) {
      for (let draw = 0; draw < 1000; draw++) {
        const race = newRace(`${slug(plan.name)}-${randomHex(2)}`, plan, about);
        const made = await doing('make a race', async () => {
          await db
            .insertInto('races')
            .values(race)
            .onConflict((conflict) => conflict.column('id').doNothing())
            .execute();
          // Not by the number of rows: the answer to a first attempt may have been lost.
          const there = await db
            .selectFrom('races')
            .select(['created', 'plan'])
            .where('id', '=', race.id)
            .executeTakeFirstOrThrow();
          return there.created === race.created && there.plan === race.plan;
        });
        if (made) return race.id;
      }
      throw new LabError(`${name} has too many races named ${plan.name}; give this one another name`);
    },

    races: async () => (await readRaces(database)).map(({ summary }) => summary),

    async find(text) {
      const ids = (await newestFirst()).map(({ id }) => id);
      const meant = ids.includes(text)
        ? [text]
        : text === 'latest'
          ? ids.slice(0, 1)
          : ids.filter((id) => id.startsWith(text));
      if (meant.length > 1) throw new LabError(`'${text}' may be ${firstOf(meant)} in ${name}; give more of the id`);
      const [found] = meant.length === 1 ? await readRaces(database, meant[0]) : [];
      if (found === undefined) throw await noSuchRace(text);
      return { ...found.summary, plan: found.plan, machine: found.machine, command: found.command };
    },

    async hold(id) {
      const plan = await planOf(id);
      const hold = await takeHold(database, id, lease);
      holds.add(hold);
      const forget = async (work: Promise<void>) => {
        await work;
        holds.delete(hold);
      };
      return {
        ...ledgerOf(database, { id, plan }),
        id,
        lost: hold.lost,
        end: (status, seconds) => forget(hold.end(status, seconds)),
        release: () => forget(hold.release()),
      } satisfies HeldRace;
    },

    ledger: async (id) => ledgerOf(database, { id, plan: await planOf(id) }),

    async trials(id, detail = 'all') {
      await planOf(id);
      return readTrials(database, id, detail);
    },

    async trial(id, text) {
      const [exact] = await doing(`read ${text}`, () => readRecords(database, id, [text]));
      if (exact) return exact;
      await planOf(id);
      const ids = await doing(`read ${id}`, () =>
        db.selectFrom('trials').select('trial').where('race', '=', id).orderBy('trial').execute(),
      );
      const all = ids.map(({ trial }) => trial);
      const meant = all.filter((trial) => trial.startsWith(text));
      if (meant.length > 1) throw new LabError(`'${text}' may be ${firstOf(meant)} of ${id}; give more of the id`);
      const trial = meant[0];
      if (trial === undefined) {
        const known = all.length === 0 ? 'none began yet' : `there are ${firstOf(all)}`;
        throw new LabError(`there is no trial '${text}' of ${id}; ${known}`);
      }
      const [record] = await doing(`read ${trial}`, () => readRecords(database, id, [trial]));
      return record;
    },

    records: (id, trials, { curves = true } = {}) =>
      doing(`read ${id}`, () => readRecords(database, id, trials, curves)),

    async summaries(id) {
      await planOf(id);
      const rows = await doing(`read ${id}`, () =>
        db.selectFrom('trials').select(summaryColumns).where('race', '=', id).execute(),
      );
      return rows.map(summaryOf).sort((a, b) => (a.id < b.id ? -1 : 1));
    },

    async sizes() {
      const rows = await doing('measure its races', () =>
        db
          .selectFrom('curves')
          .select(['race', (of) => of.fn.sum<number | string>(of.fn('octet_length', ['points'])).as('bytes')])
          .groupBy('race')
          .execute(),
      );
      return new Map(rows.map(({ race, bytes }) => [race, Number(bytes)]));
    },

    remove: (ids) =>
      doing('remove races', () =>
        db.transaction().execute(async (db) => {
          for (const id of ids) {
            const hold = await db
              .selectFrom('holds')
              .selectAll()
              .select(database.now.as('now'))
              .where('race', '=', id)
              .executeTakeFirst();
            if (hold && living(hold, hold.now)) throw new LabError(`${id} is not removed: ${heldBy(id, hold)}`);
            await db.deleteFrom('races').where('id', '=', id).execute();
          }
        }),
      ),

    compact: () => doing('compact it', () => database.compact()),

    async close() {
      try {
        await Promise.all([...holds].map((hold) => hold.release()));
      } finally {
        await database.close();
      }
    },
  };
}

const newRace = (id: string, plan: RacePlan, { machine, command }: About) => ({
  id,
  name: plan.name,
  plan: JSON.stringify(plan),
  machine: JSON.stringify(machine),
  command,
  created: new Date().toISOString(),
  status: 'interrupted',
  seconds: 0,
});

/** What can be typed in a shell and be the name of a folder. */
const slug = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40) || 'race';

const firstOf = (names: readonly string[]): string =>
  names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`;
