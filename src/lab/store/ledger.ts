import type { RacePlan, Trial } from '../plan.ts';
import type { Ledger } from '../run/ledger.ts';
import { allSeries, pointsOf, type Series } from './curves.ts';
import { attempt, type Database } from './database.ts';
import { type Detail, LabError } from './lab.ts';
import { endedRow, runningRow, thisWriter, trialOf } from './rows.ts';

/** Rows in one statement: the databases allow tens of thousands of values. */
const rowsAtOnce = 200;

/** Writes what happens in a race into its lab. Who writes does not matter: the primary key lets each trial end once. */
export function ledgerOf(database: Database, race: { readonly id: string; readonly plan: RacePlan }): Ledger {
  const { db } = database;
  const writer = thisWriter();
  return {
    ended: () => readTrials(database, race.id, 'all'),

    started: (plans, attempts) =>
      attempt(database, `write to ${race.id}`, () =>
        inParts(plans, async (part) => {
          await db
            .insertInto('trials')
            .values(part.map((plan) => runningRow(race.id, plan, attempts, writer)))
            .onConflict((conflict) =>
              conflict
                .columns(['race', 'trial'])
                .doUpdateSet((of) => ({ ...writer, attempts: of('trials.attempts', '+', 1) }))
                .where('trials.state', '=', 'running'),
            )
            .execute();
        }),
      ),

    async record(trials) {
      const interrupted = trials.find(({ outcome }) => outcome.status === 'interrupted');
      if (interrupted) throw new LabError(`${interrupted.plan.id} was interrupted: it has not ended and is not kept`);
      // In one order, so that two writers never wait for each other.
      const sorted = [...trials].sort(byId);
      await attempt(database, `write to ${race.id}`, () =>
        db.transaction().execute((db) =>
          inParts(sorted, async (part) => {
            const written = await db
              .insertInto('trials')
              .values(part.map((trial) => endedRow(race, trial, writer)))
              .onConflict((conflict) =>
                conflict
                  .columns(['race', 'trial'])
                  .doUpdateSet((of) => Object.fromEntries(endColumns.map((name) => [name, of.ref(`excluded.${name}`)])))
                  .where('trials.state', '=', 'running'),
              )
              .returning('trial')
              .execute();
            const first = new Set(written.map(({ trial }) => trial));
            const curves = part
              .filter(({ plan }) => first.has(plan.id))
              .flatMap(({ plan, outcome }) => {
                const points = pointsOf(outcome);
                return allSeries.map((series) => ({ race: race.id, series, trial: plan.id, points: points[series] }));
              });
            if (curves.length > 0) await db.insertInto('curves').values(curves).execute();
          }),
        ),
      );
    },
  };
}

/** What a trial that began has not had yet. When it began and how often stays as it is. */
const endColumns = [
  'plan',
  'state',
  'worker',
  'version',
  'machine',
  'ended',
  'status',
  'steps',
  'loss',
  'metric',
  'test',
  'seconds',
  'error',
  'outcome',
] as const;

async function inParts<T>(all: readonly T[], work: (part: readonly T[]) => Promise<void>): Promise<void> {
  for (let i = 0; i < all.length; i += rowsAtOnce) await work(all.slice(i, i + rowsAtOnce));
}

const none = {};

const byId = (a: Trial, b: Trial): number => (a.plan.id < b.plan.id ? -1 : Number(a.plan.id > b.plan.id));

/** The trials of a race that ended, in the order of their ids. */
export async function readTrials(database: Database, race: string, detail: Detail): Promise<Trial[]> {
  const { db } = database;
  return attempt(database, `read ${race}`, async () => {
    const rows = await db
      .selectFrom('trials')
      .select(['trial', 'plan', 'outcome'])
      .where('race', '=', race)
      .where('state', '=', 'ended')
      .execute();
    const points = new Map<string, Partial<Record<Series, string>>>();
    const final = db.selectFrom('trials').select('trial').where('race', '=', race).where('phase', '=', 'final');
    for (const series of detail === 'all' ? allSeries : (['validation'] as const)) {
      const curves = await db
        .selectFrom('curves')
        .select(['trial', 'points'])
        .where('race', '=', race)
        .where('series', '=', series)
        .$if(detail === 'scores', (query) => query.where('trial', 'in', final))
        .execute();
      for (const curve of curves) {
        const known = points.get(curve.trial) ?? {};
        known[series] = curve.points;
        points.set(curve.trial, known);
      }
    }
    // The databases sort texts each in their own way.
    return rows.map((row) => trialOf(row, points.get(row.trial) ?? none)).sort(byId);
  });
}
