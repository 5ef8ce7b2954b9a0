import { allSeries, type Series } from './curves.ts';
import type { Database } from './database.ts';
import type { TrialRecord } from './lab.ts';
import { recordOf } from './rows.ts';

/** Several trials with all that is known of them, in the order of the ids that are given; without `curves` only the ends of these. */
export async function readRecords(
  { db }: Database,
  race: string,
  ids: readonly string[],
  curves = true,
): Promise<TrialRecord[]> {
  if (ids.length === 0) return [];
  const rows = await db.selectFrom('trials').selectAll().where('race', '=', race).where('trial', 'in', ids).execute();
  const texts = curves
    ? await db
        .selectFrom('curves')
        .select(['trial', 'series', 'points'])
        .where('race', '=', race)
        .where('series', 'in', allSeries)
        .where('trial', 'in', ids)
        .execute()
    : [];
  const points = new Map<string, Partial<Record<Series, string>>>(ids.map((id) => [id, {}]));
  for (const { trial, series, points: text } of texts) {
    const known = points.get(trial);
    if (known) known[series as Series] = text;
  }
  const records = new Map(rows.map((row) => [row.trial, recordOf(row, points.get(row.trial) ?? {})]));
  return ids.flatMap((id) => records.get(id) ?? []);
}
