import { differences, pairedTest } from './analysis/paired.ts';
import { tellApart } from './analysis/ranks.ts';
import { type Estimate, estimate, standardDeviation, studentQuantile, studentTails } from './analysis/statistics.ts';
import type { TaskPlan } from './plan.ts';
import type { RaceRecord, TrialSummary } from './store/lab.ts';

/** A race of a lab and what its trials came to. */
export interface Compared {
  readonly race: RaceRecord;
  readonly trials: readonly TrialSummary[];
}

/**
 * 'better' and 'worse' only where that holds with 95% confidence for all that is said together, otherwise 'tied'. 'unsound' where a final
 * run of either did not come to its end; 'alone' where there is nothing to compare with.
 */
export type Verdict = 'reference' | 'better' | 'worse' | 'tied' | 'unsound' | 'alone';

/** One competitor on one task in one race, against a reference. */
export interface ComparedRow {
  readonly task: string;
  readonly metric: string;
  readonly competitor: string;
  readonly race: string;
  /** Of the task's metric at the end of the final runs, on the validation set. */
  readonly value: Estimate;
  /** Final runs that came to their end, of all that ended. */
  readonly finished: number;
  readonly runs: number;
  /** To the reference, with its own 95% interval: paired by seed where tasks and seeds allow it, else by Welch's t test. */
  readonly difference: Estimate | null;
  readonly paired: boolean;
  readonly verdict: Verdict;
}

/**
 * Of several races, each competitor on each task against itself in the first race that has it; Holm's correction (1979) is over all of
 * these comparisons. Of one race, each competitor against the race's baseline, or against the best mean where there is none; who is
 * better is then what the table of the race says too (analysis/ranks.ts). In the order of tasks, competitors, races.
 */
export function compareRaces(races: readonly Compared[]): readonly ComparedRow[] {
  const entries = races.flatMap(entriesOf);
  const only = races.length === 1 ? races[0].race.plan : null;
  const groups = Map.groupBy(entries, ({ task, competitor }) => (only ? task.label : `${task.label}/${competitor}`));
  const rows = [...groups.values()].flatMap((group) => {
    const reference = only ? referenceOf(group, only.baseline) : group[0];
    const compared = group.map((entry) => against(reference, entry, group.length));
    return only ? byRanks(compared, group, reference) : compared;
  });
  return only ? rows.map(({ row }) => row) : holm(rows);
}

interface Entry {
  readonly task: TaskPlan;
  readonly competitor: string;
  readonly race: string;
  /** Final runs that ended. */
  readonly runs: readonly TrialSummary[];
}

const entriesOf = ({ race, trials }: Compared): Entry[] => {
  const final = trials.filter(({ phase, state }) => phase === 'final' && state === 'ended');
  const byOwner = Map.groupBy(final, ({ task, competitor }) => `${task}/${competitor}`);
  return race.plan.tasks.flatMap((task) =>
    race.plan.competitors.map(({ label }) => ({
      task,
      competitor: label,
      race: race.id,
      runs: byOwner.get(`${task.label}/${label}`) ?? [],
    })),
  );
};

function referenceOf(group: readonly Entry[], baseline: string | null): Entry {
  const named = group.find(({ competitor }) => competitor === baseline);
  if (named) return named;
  const means = group.map((entry) => (isSound(entry) ? estimate(ends(entry)).mean : Number.POSITIVE_INFINITY));
  return group[means.indexOf(Math.min(...means))];
}

const finished = ({ runs }: Entry) => runs.filter(({ status }) => status === 'finished');
const ends = (entry: Entry): number[] => finished(entry).map(({ metric }) => metric);
const bySeed = (entry: Entry): ReadonlyMap<number, number> =>
  new Map(finished(entry).map(({ seed, metric }) => [seed, metric]));
const isSound = (entry: Entry): boolean =>
  entry.runs.length > 0 && ends(entry).every(Number.isFinite) && finished(entry).length === entry.runs.length;

/** A row, and how likely so large a difference is when there is none; null where there is nothing to test. */
interface Tested {
  readonly row: ComparedRow;
  readonly p: number | null;
}

function against(reference: Entry, entry: Entry, group: number): Tested {
  const row = {
    task: entry.task.label,
    metric: entry.task.target.metric,
    competitor: entry.competitor,
    race: entry.race,
    value: estimate(ends(entry)),
    finished: finished(entry).length,
    runs: entry.runs.length,
    difference: null,
    paired: false,
  };
  if (group === 1) return { row: { ...row, verdict: 'alone' }, p: null };
  if (entry === reference) return { row: { ...row, verdict: 'reference' }, p: null };
  if (!isSound(reference) || !isSound(entry) || reference.task.target.metric !== entry.task.target.metric) {
    return { row: { ...row, verdict: 'unsound' }, p: null };
  }
  const pairs = sameRuns(reference.task, entry.task) ? differences(bySeed(entry), bySeed(reference)) : [];
  const paired = pairs.length >= 2;
  const { difference, p } = paired
    ? { difference: estimate(pairs), p: pairedTest(pairs) }
    : unpaired(ends(entry), ends(reference));
  return { row: { ...row, difference, paired, verdict: 'tied' }, p };
}

/** Does a seed mean the same run to both: initial parameters, data, and the batches they come in? */
const sameRuns = (a: TaskPlan, b: TaskPlan): boolean =>
  a.task === b.task && a.batchSize === b.batchSize && a.parameters === b.parameters;

/** Welch's t test of two means (1947), its degrees of freedom rounded down, which errs towards 'tied'. */
export function unpaired(a: readonly number[], b: readonly number[]): { difference: Estimate; p: number } {
  const [first, second] = [a, b].map((values) => ({
    mean: estimate(values).mean,
    square: standardDeviation(values) ** 2 / values.length,
    freedom: values.length - 1,
  }));
  const mean = first.mean - second.mean;
  const count = Math.min(a.length, b.length);
  if (count < 2) return { difference: { mean, halfWidth: Number.NaN, count }, p: 1 };
  const square = first.square + second.square;
  if (square === 0) return { difference: { mean, halfWidth: 0, count }, p: mean === 0 ? 1 : 0 };
  const freedom = Math.floor(square ** 2 / (first.square ** 2 / first.freedom + second.square ** 2 / second.freedom));
  const halfWidth = studentQuantile(0.95, freedom) * Math.sqrt(square);
  return { difference: { mean, halfWidth, count }, p: studentTails(mean / Math.sqrt(square), freedom) };
}

const level = 0.05;

function holm(rows: readonly Tested[]): ComparedRow[] {
  const tested = rows.filter(({ p }) => p !== null).sort((a, b) => Number(a.p) - Number(b.p));
  const accepted = tested.findIndex(({ p }, i) => Number(p) > level / (tested.length - i));
  const apart = new Set(accepted < 0 ? tested : tested.slice(0, accepted));
  return rows.map((tested) => (apart.has(tested) ? said(tested.row) : tested.row));
}

const said = (row: ComparedRow): ComparedRow => ({
  ...row,
  verdict: Number(row.difference?.mean) < 0 ? 'better' : 'worse',
});

/** As the table of the race says it: the same rule, over the same competitors in the same order. */
function byRanks(tested: readonly Tested[], group: readonly Entry[], reference: Entry): Tested[] {
  const sound = group.filter(isSound).sort((a, b) => estimate(ends(a)).mean - estimate(ends(b)).mean);
  const order = tellApart(sound.map(bySeed));
  const at = sound.indexOf(reference);
  return tested.map(({ row, p }, i) => {
    const own = sound.indexOf(group[i]);
    const apart = at >= 0 && own >= 0 && (order.better(at, own) || order.better(own, at));
    return { row: apart ? said(row) : row, p };
  });
}
