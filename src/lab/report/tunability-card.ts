import { metricCell, metricName, whole } from '../format.ts';
import { figure } from './draw.ts';
import type { Html } from './html.ts';
import { type Column, card, details, table } from './table.ts';
import { tunabilityChart } from './tunability.ts';
import type { TaskView } from './view.ts';

/** What more tuning trials would have brought, with its numbers. */
export function tunabilityCard(task: TaskView): Html | null {
  const picture = figure(tunabilityChart(task));
  if (picture === null) return null;
  const { tunability, task: plan } = task.score;
  const ks = [...new Set(tunability.flatMap(({ points }) => points.map(({ k }) => k)))].sort((a, b) => a - b);
  const columns: Column<number>[] = [
    { head: 'trials', cell: (k) => whole(k), names: true },
    ...tunability.map(({ competitor, points }) => ({
      head: competitor,
      cell: (k: number) => metricCell(plan.target.metric, points.find((point) => point.k === k)?.mean ?? Number.NaN),
    })),
  ];
  const caption = `Expected ${metricName(plan)} of the best of k tuning trials on ${plan.label}`;
  return card(
    'What tuning buys',
    'What the best of k tuning trials is expected to reach, with a 95% band by bootstrap over the trials; one that diverged counts as the worst end of all. A flat curve needs little tuning; a steep one needs luck or many trials.',
    [picture, details('The numbers', table({ caption, columns, rows: ks }))],
  );
}
