import type { Row } from '../analysis/score-types.ts';
import {
  isShare,
  metricDifference,
  metricEstimate,
  metricName,
  metricValue,
  probability,
  rank,
  remarks,
  speedUp,
  toTarget,
} from '../format.ts';
import { type Html, html } from './html.ts';
import { named } from './named.ts';
import { type Column, card, table, withInterval } from './table.ts';
import type { TaskView } from './view.ts';

/** The table of a task: who is first, by how much, and how sure that is. */
export function rankingCard(task: TaskView, baseline: string | null): Html | null {
  const { plan, score } = task;
  const { metric, value } = plan.target;
  const points = isShare(metric) ? html`<br>(points)` : null;
  const columns: Column<Row>[] = [
    { head: html`<span class="sr">rank</span>`, cell: rank, left: true, style: 'rank' },
    {
      head: 'optimizer',
      cell: (row) => [named(task, row.competitor.label), remarked(row)],
      left: true,
      names: true,
    },
    { head: metricName(plan), cell: (row) => withInterval(metricEstimate(metric, row.validation)) },
    { head: html`behind<br>the first${points}`, cell: (row) => withInterval(metricDifference(metric, row.behind)) },
    { head: html`probability<br>of best`, cell: (row) => probability(row.probabilityBest) },
    ...(plan.hasData
      ? [{ head: `test ${metric}`, cell: (row: Row) => withInterval(metricEstimate(metric, row.test)) }]
      : []),
    { head: html`steps<br>to target`, cell: (row) => withInterval(toTarget(row, 'steps', true)) },
    { head: html`time<br>to target`, cell: (row) => withInterval(toTarget(row, 'seconds', true)) },
    { head: html`<span class="whole">speed-up</span>`, cell: speedUp },
  ];
  const target = `The target is ${metricName(plan)} ${metricValue(metric, value)}`;
  const against = baseline === null ? '' : `; speed-up is in steps to it, against tuned ${baseline}`;
  return card(
    'Ranking',
    html`By ${metricName(plan)} at the end of training, mean over seeds with its 95% interval; lower is better. Competitors share a rank (“=”) unless they are told apart from the best of it: by t tests paired by seed, corrected for the number of comparisons (Holm); or, for a first place of one, by each of its tests at 5%. So all that the ranks say holds with 95% confidence together. The probability of best is that of the lowest mean over all seeds, by the same t distribution but uncorrected: against one rival, 97.5% is a t test at 5%. ${target}${against}.`,
    table({
      caption: `Ranking on ${plan.label}`,
      columns,
      rows: score.rows,
      rowStyle: (row) => (row.rank === 1 ? 'first' : null),
    }),
    true,
  );
}

const remarked = (row: Row): Html | null => {
  const all = remarks(row);
  return all.length === 0 ? null : html`<span class="remark">${all.join(', ')}</span>`;
};
