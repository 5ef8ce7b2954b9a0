import type { RacePlan, TaskPlan, Trial } from '../plan.ts';
import { commonSeeds, drawMeans, meanWeights, shareWin } from './best.ts';
import { type Draws, percentileInterval, resamples } from './bootstrap.ts';
import { seedValues } from './ends.ts';
import { nashAverage } from './nash.ts';
import { performanceProfile, profileScore, ratiosToFastest } from './profiles.ts';
import { isSound, type OwnTrials } from './rows.ts';
import type { Across, AcrossRow, TaskScore } from './score-types.ts';
import { mean, median } from './statistics.ts';

/** Scores over several tasks, by the lowest mean rank first. */
export function scoreAcross(
  race: RacePlan,
  tasks: readonly TaskScore[],
  trialsOf: (task: TaskPlan, label: string) => OwnTrials,
): Across {
  const labels = race.competitors.map(({ label }) => label);
  const finals = race.tasks.map((task) => labels.map((label) => trialsOf(task, label)));
  const ratios = (unit: 'step' | 'seconds') =>
    ratiosToFastest(labels.map((_, c) => race.tasks.map((_, w) => timeToTarget(finals[w][c].final, unit))));
  const steps = ratios('step');
  const seconds = ratios('seconds');
  const nash = nashAverage(goodness(race.tasks, finals));
  const ranks = meanRanks(
    race.tasks.map((task, w) => tableOf(task, finals[w])),
    { seed: race.seed, stream: 'across' },
  );
  const rows = labels.map(
    (competitor, c): AcrossRow => ({
      competitor,
      score: profileScore(steps[c]),
      scoreSeconds: profileScore(seconds[c]),
      nash: nash.scores[c],
      ...ranks[c],
      firsts: tasks.filter((task) => task.rows.some((row) => row.competitor.label === competitor && row.rank === 1))
        .length,
    }),
  );
  return {
    rows: rows.sort((a, b) => a.meanRank - b.meanRank || b.score - a.score),
    profiles: labels.map((competitor, c) => ({ competitor, points: performanceProfile(steps[c]) })),
    difficulty: race.tasks.map(({ label }, w) => ({ task: label, weight: nash.tasks[w] })),
  };
}

/** Median over final runs of the time to the target, as in AlgoPerf; a run that missed it, or did not end, counts as infinite. */
export const timeToTarget = (final: readonly Trial[], unit: 'step' | 'seconds'): number =>
  final.length === 0
    ? Number.POSITIVE_INFINITY
    : median(
        final.map(({ outcome }) =>
          outcome.status === 'finished' && outcome.targetReached
            ? outcome.targetReached[unit]
            : Number.POSITIVE_INFINITY,
        ),
      );

/** Minus the mean of the metric, by competitor and task. Who has no sound final run is as bad as the worst that has. */
function goodness(tasks: readonly TaskPlan[], finals: readonly (readonly OwnTrials[])[]): number[][] {
  const columns = tasks.map((task, w) => {
    const means = finals[w].map((own) =>
      isSound(own, task) ? -mean([...seedValues(own.final, task.target.metric).values()]) : Number.NaN,
    );
    const worst = Math.min(...means.filter(Number.isFinite));
    return means.map((value) => (Number.isFinite(value) ? value : Number.isFinite(worst) ? worst : 0));
  });
  return finals[0].map((_, c) => columns.map((column) => column[c]));
}

/** One row for each competitor: its values on the seeds that all sound ones share; a row of infinities where it has no sound final run. */
function tableOf(task: TaskPlan, finals: readonly OwnTrials[]): readonly Float64Array[] {
  const values = finals.map((own) => (isSound(own, task) ? seedValues(own.final, task.target.metric) : null));
  const seeds = commonSeeds(values.filter((own) => own !== null));
  if (seeds.length > 0) {
    return values.map((own) => Float64Array.from(seeds, (seed) => own?.get(seed) ?? Number.POSITIVE_INFINITY));
  }
  return values.map((own) => Float64Array.of(own ? mean([...own.values()]) : Number.POSITIVE_INFINITY));
}

const usualTimes = 2000;

/**
 * Mean over tasks of the place by mean value; equal ones share theirs, and those without sound final runs share the last. Interval and
 * chance of being lowest are by draws in two levels: tasks are drawn again (the bootstrap), and on each of them the means of all
 * competitors, by `meanWeights`. With two or three tasks it cannot know much of tasks that were not run. Both are NaN where on some task
 * there are no two seeds: nothing tells how much a rank is worth there.
 */
export function meanRanks(
  tables: readonly (readonly Float64Array[])[],
  draws: Draws,
  times = usualTimes,
): { readonly meanRank: number; readonly low: number; readonly high: number; readonly best: number }[] {
  const competitors = tables[0]?.length ?? 0;
  const tasks = tables.length;
  const seen = tables.map((table) => ranksOf(Float64Array.from(table, meanOf)));
  // At random, not all that there are: those of tasks must not be gone through in step with draws of means.
  const drawnTasks = resamples(tasks, times, { ...draws, stream: `${draws.stream}/tasks` }, 'random');
  // For each place in a draw of tasks, whichever task comes there; tasks may have more or fewer seeds.
  const counts = [...new Set(tables.map(seedsOf))];
  const weights = Array.from(
    { length: tasks },
    (_, place) =>
      new Map(
        counts.map((count) => {
          const stream = `${draws.stream}/seeds/${count}/${place}`;
          return [count, meanWeights(count, times, { ...draws, stream })];
        }),
      ),
  );
  const known = tables.every((table) => seedsOf(table) > 1);
  const resampled = Array.from({ length: competitors }, () => new Float64Array(times));
  const wins = new Float64Array(competitors);
  const means = new Float64Array(competitors);
  const ranks = new Float64Array(competitors);
  const total = new Float64Array(competitors);
  for (let r = 0; r < times; r++) {
    total.fill(0);
    for (let place = 0; place < tasks; place++) {
      const w = drawnTasks[r * tasks + place];
      const count = seedsOf(tables[w]);
      drawMeans(tables[w], weights[place].get(count) as Float64Array, r * count, means);
      ranksOf(means, ranks);
      for (let c = 0; c < competitors; c++) total[c] += ranks[c] / tasks;
    }
    shareWin(total, wins);
    for (let c = 0; c < competitors; c++) resampled[c][r] = total[c];
  }
  return resampled.map((own, c) => ({
    meanRank: mean(seen.map((ranks) => ranks[c])),
    ...(known ? percentileInterval(own) : { low: Number.NaN, high: Number.NaN }),
    best: known ? wins[c] / times : Number.NaN,
  }));
}

const seedsOf = (table: readonly Float64Array[]): number => table[0]?.length ?? 1;

/** From 1; equal values share the mean of their ranks. Counted, not sorted: a race has few competitors and many resamples. */
function ranksOf(values: Float64Array, ranks = new Float64Array(values.length)): Float64Array {
  ranks.fill(1);
  for (let i = 0; i < values.length; i++) {
    const own = values[i];
    for (let j = 0; j < i; j++) {
      if (values[j] < own) ranks[i]++;
      else if (own < values[j]) ranks[j]++;
      else {
        ranks[i] += 0.5;
        ranks[j] += 0.5;
      }
    }
  }
  return ranks;
}

const meanOf = (values: Float64Array): number => values.reduce((sum, x) => sum + x, 0) / values.length;
