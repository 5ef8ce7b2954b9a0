import type { Machine } from '../machine.ts';
import type { RacePlan } from '../plan.ts';
import { attempt, type Database } from './database.ts';
import { holderName, living, secondsOf } from './hold.ts';
import type { RaceRecord, RaceSummary } from './lab.ts';

export interface ReadRace extends Pick<RaceRecord, 'plan' | 'machine' | 'command'> {
  readonly summary: RaceSummary;
}

/** The races of a lab, newest first, or one of them. Trials are counted by an index and not read. */
export async function readRaces(database: Database, only?: string): Promise<readonly ReadRace[]> {
  const { db, now } = database;
  return attempt(database, 'read its races', async () => {
    const races = await db
      .selectFrom('races')
      .selectAll()
      .$if(only !== undefined, (query) => query.where('id', '=', only as string))
      .orderBy('created', 'desc')
      .orderBy('id')
      .execute();
    const holds = await db.selectFrom('holds').selectAll().select(now.as('now')).execute();
    const counts = await db
      .selectFrom('trials')
      .select(['race', 'state', 'status', (of) => of.fn.countAll<number>().as('trials')])
      .$if(only !== undefined, (query) => query.where('race', '=', only as string))
      .groupBy(['race', 'state', 'status'])
      .execute();
    return races.map((row) => {
      const hold = holds.find(({ race }) => race === row.id);
      const held = hold ? living(hold, hold.now) : null;
      const own = counts.filter(({ race }) => race === row.id);
      const count = (which: (group: (typeof own)[number]) => boolean) =>
        own.filter(which).reduce((total, { trials }) => total + trials, 0);
      const plan: RacePlan = JSON.parse(row.plan);
      const machine: Machine = JSON.parse(row.machine);
      return {
        plan,
        machine,
        command: row.command,
        summary: {
          id: row.id,
          name: row.name,
          status: held ? 'running' : row.status === 'finished' ? 'finished' : 'interrupted',
          created: row.created,
          tasks: plan.tasks.map(({ label }) => label),
          competitors: plan.competitors.map(({ label }) => label),
          protocol: plan.protocol.kind,
          ended: count(({ state }) => state === 'ended'),
          failed: count(({ status }) => status === 'failed'),
          running: count(({ state }) => state === 'running'),
          seconds: row.seconds + (hold ? secondsOf(hold, hold.now) : 0),
          holder: holderName(held),
        },
      };
    });
  });
}
