import { timeToTarget } from '../analysis/across.ts';
import { endOf, seedValues } from '../analysis/ends.ts';
import { excesses, meanExcess, type Setting, startLoss } from '../analysis/one-setting.ts';
import { pairedDifference } from '../analysis/paired.ts';
import { profileScore, ratiosToFastest } from '../analysis/profiles.ts';
import { estimate, mean } from '../analysis/statistics.ts';
import { metricDifference, metricEstimate, metricName, nothing, number, score, share, values } from '../format.ts';
import type { RacePlan, TaskPlan, Trial } from '../plan.ts';
import type { Finding } from './protocol.ts';

/** Finished runs by task. */
type Runs = readonly (readonly Trial[])[];

/**
 * Defaults against the calibrated setting: over all tasks, and on each.
 *
 * @param settings the chosen one of each competitor; null while its search goes on
 * @param defaults the runs of each competitor's defaults
 */
export function oneForAllFindings(
  race: RacePlan,
  trials: readonly Trial[],
  settings: readonly (Setting | null)[],
  defaults: readonly Runs[],
): Finding[] {
  const finals = Map.groupBy(
    trials.filter(({ plan }) => plan.phase === 'final'),
    ({ plan }) => `${plan.task}/${plan.competitor}`,
  );
  const calibrated = race.competitors.map(
    (competitor): Runs => race.tasks.map((task) => finals.get(`${task.label}/${competitor.label}`) ?? []),
  );
  // First the defaults of all competitors, then their calibrated settings.
  const entries = [...defaults, ...calibrated];
  const starts = race.tasks.map((_, w) => startLoss(entries.flatMap((runs) => runs[w])));
  const excess = excesses(
    entries.map((runs) => runs.map(finalLoss)),
    starts,
  );
  const ratios = ratiosToFastest(entries.map((runs) => runs.map((own) => timeToTarget(own, 'step'))));
  const scores = ratios.map((own) => profileScore(own));
  return [
    overall(race, excess, scores, settings),
    ...race.tasks.map((task, w) =>
      onTask(race, task, (c, kind) => {
        const entry = kind === 'defaults' ? c : race.competitors.length + c;
        return { runs: entries[entry][w], excess: excess[entry][w] };
      }),
    ),
  ];
}

const percent = (value: number): string => (Number.isFinite(value) ? `${(100 * value).toFixed(1)}%` : nothing);

/** Mean over the runs; NaN where one did not come to its end. */
const finalLoss = (runs: readonly Trial[]): number =>
  runs.length === 0 ? Number.NaN : mean(runs.map((trial) => endOf(trial)?.loss ?? Number.NaN));

function overall(
  race: RacePlan,
  excess: readonly (readonly number[])[],
  scores: readonly number[],
  settings: readonly (Setting | null)[],
): Finding {
  const count = race.competitors.length;
  const left = excess.map((own) => meanExcess({ excess: own }));
  const order = race.competitors.map((_, c) => c).sort((a, b) => left[a + count] - left[b + count]);
  return {
    title: 'Defaults and one calibrated setting',
    note: 'Excess: what the final validation loss leaves of the way from that of the untrained model to the best in this table, on average over tasks; lower is better, and 100% is no better than untrained, or diverged. Score: mean height of the performance profiles in steps to target, of all settings in this table against one another; higher is better.',
    columns: [
      { head: 'optimizer', align: 'left' },
      { head: 'setting for all tasks', align: 'left' },
      { head: 'excess, defaults', align: 'right' },
      { head: 'excess, calibrated', align: 'right' },
      { head: 'score, defaults', align: 'right' },
      { head: 'score, calibrated', align: 'right' },
    ],
    rows: order.map((c) => [
      race.competitors[c].label,
      settingInWords(settings[c]),
      percent(left[c]),
      percent(left[c + count]),
      score(scores[c]),
      score(scores[c + count]),
    ]),
  };
}

function settingInWords(setting: Setting | null): string {
  if (setting === null) return nothing;
  const horizon = setting.horizon === 1 ? '' : `, ${share(setting.horizon)} of the steps`;
  return setting.key === '0' ? 'the defaults' : `${values(setting.values)}${horizon}`.replace(/^, /, '');
}

function onTask(
  race: RacePlan,
  task: TaskPlan,
  of: (
    competitor: number,
    kind: 'defaults' | 'calibrated',
  ) => { readonly runs: readonly Trial[]; readonly excess: number },
): Finding {
  const { metric } = task.target;
  return {
    title: `Defaults and calibrated setting on ${task.label}`,
    note: `Means of the ${metricName(task)} over final seeds with 95% intervals; the difference, calibrated less defaults, is paired by seed.`,
    columns: [
      { head: 'optimizer', align: 'left' },
      { head: 'defaults', align: 'right' },
      { head: 'calibrated', align: 'right' },
      { head: 'difference', align: 'right' },
      { head: 'excess, defaults', align: 'right' },
      { head: 'excess, calibrated', align: 'right' },
      { head: 'steps to target, defaults', align: 'right' },
      { head: 'steps to target, calibrated', align: 'right' },
    ],
    rows: race.competitors.map(({ label }, c) => {
      const pair = [of(c, 'defaults'), of(c, 'calibrated')];
      const [defaults, calibrated] = pair.map(({ runs }) => seedValues(runs, metric));
      const time = (runs: readonly Trial[]): string => {
        const steps = timeToTarget(runs, 'step');
        return Number.isFinite(steps) ? number(steps) : runs.length === 0 ? nothing : 'missed';
      };
      return [
        label,
        metricEstimate(metric, estimate([...defaults.values()])),
        metricEstimate(metric, estimate([...calibrated.values()])),
        metricDifference(metric, pairedDifference(calibrated, defaults)),
        ...pair.map(({ runs, excess }) => (runs.length === 0 ? nothing : percent(excess))),
        ...pair.map(({ runs }) => time(runs)),
      ];
    }),
  };
}
