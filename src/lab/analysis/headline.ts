import { metricEstimate, metricName, probability } from '../format.ts';
import type { TaskPlan } from '../plan.ts';
import type { Across, Row, TaskScore } from './score-types.ts';

/** Sentences that claim no more than the intervals hold. */

/** Of one task. */
export function taskHeadline(task: TaskPlan, rows: readonly Row[]): string {
  const metric = metricName(task);
  const ranked = rows.filter((row) => row.rank !== null);
  if (ranked.length === 0) return 'No competitor finished a final run.';
  const first = ranked.filter((row) => row.rank === 1).map((row) => row.competitor.label);
  const seeds = Math.min(...ranked.map((row) => row.validation.count));
  if (ranked.length === 1) return `${first[0]} is the only competitor that finished its final runs.`;
  if (seeds < 2) {
    return 'No winner can be named: with one final seed there is no interval to tell the competitors apart.';
  }
  const seedless = ranked.every(({ validation }) => validation.halfWidth === 0);
  const over = seedless ? 'on a task where the seed makes no difference' : `over ${seeds} seeds`;
  if (first.length === ranked.length) {
    return `No winner: the ${metric} of ${first.length === 2 ? 'both' : `all ${first.length}`} cannot be told apart ${over}.`;
  }
  if (first.length > 1)
    return `${listOf(first)} are tied for first place: their ${metric} cannot be told apart ${over}.`;
  const scattered = ranked.filter((row) => row.rank !== 1 && !row.behindFirst).map((row) => row.competitor.label);
  const value = metricEstimate(task.target.metric, ranked[0].validation);
  if (seedless) return `${first[0]} has the lowest ${metric}, ${value}, ${over}.`;
  const others = scattered.length === 0 ? '' : ` but ${listOf(scattered)}, whose seeds scatter,`;
  return `${first[0]} has the lowest ${metric}, ${value} ${over}; every other${others} is behind it by t tests paired by seed.`;
}

/**
 * A competitor is named over all tasks when it has the lowest mean rank in so many of the draws of tasks and seeds. Of two equal methods on
 * two or three seeds one is named in less than 1% of races, whatever the noise (across.test.ts). 95% would do for that, with 3%; but tasks
 * are few, and what a bootstrap over a handful of them knows of others is too certain.
 */
const sure = 0.99;

/** Of a race: over all tasks where there are several. */
export function raceHeadline(tasks: readonly TaskScore[], across: Across | null): string {
  if (across === null) return tasks[0].headline;
  const over = `over ${tasks.length} tasks`;
  const ranked = tasks.flatMap(({ rows }) => rows.filter(({ rank }) => rank !== null));
  if (ranked.length === 0) return 'No competitor finished a final run.';
  const seeds = Math.min(...ranked.map(({ validation }) => validation.count));
  if (seeds < 2) {
    return `No winner can be named ${over}: with one final seed there is no interval to tell the competitors apart.`;
  }
  const [{ competitor, meanRank, low, high, best }] = across.rows;
  if (Number.isNaN(best)) {
    return `No winner can be named ${over}: there are not two final seeds on each that all have finished.`;
  }
  const place = `${meanRank.toFixed(2)}, 95% interval ${low.toFixed(2)} to ${high.toFixed(2)}`;
  if (best >= sure) return `${competitor} ranks best ${over} (mean rank ${place}).`;
  const first = across.rows.filter((row) => row.meanRank === meanRank);
  if (first.length > 1) {
    return `No winner can be named ${over}: ${listOf(first.map((row) => row.competitor))} share the lowest mean rank, ${meanRank.toFixed(2)}.`;
  }
  return `No winner can be named ${over}: ${competitor} has the lowest mean rank (${place}), but is the best one with a probability of ${probability(best)} only.`;
}

export const listOf = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
