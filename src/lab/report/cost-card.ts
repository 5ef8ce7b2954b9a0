import type { Row } from '../analysis/score-types.ts';
import { bytes, calls, metricEstimate, nothing, number } from '../format.ts';
import { costChart, measures, runSeconds } from './costs.ts';
import { small } from './draw.ts';
import { type Html, html } from './html.ts';
import { named } from './named.ts';
import { type Column, card, table, withInterval } from './table.ts';
import type { TaskView } from './view.ts';

/** Time, memory and oracle calls: each against the result, and all in a table. */
export function costCard(task: TaskView): Html | null {
  const rows = task.score.rows.filter(({ cost }) => cost !== null);
  if (rows.length === 0) return null;
  const columns: Column<Row>[] = [
    { head: 'optimizer', cell: ({ competitor }) => named(task, competitor.label), left: true, names: true },
    { head: html`oracle calls<br>per step`, cell: ({ cost }) => (cost ? calls(cost.calls) : nothing) },
    { head: html`ms<br>per step`, cell: ({ cost }) => number(cost?.millisecondsPerStep ?? Number.NaN) },
    {
      head: html`seconds<br>of a run`,
      cell: ({ competitor }) => withInterval(metricEstimate('seconds', runSeconds(task, competitor.label))),
    },
    {
      head: html`state bytes<br>per parameter`,
      cell: ({ cost }) => number(cost?.stateBytesPerParameter ?? Number.NaN),
    },
    { head: html`peak<br>memory`, cell: ({ cost }) => bytes(cost?.peakBytes ?? Number.NaN) },
  ];
  const pictures = measures.flatMap((measure) => small(costChart(task, measure)) ?? []);
  return card(
    'What it costs',
    'Measured in the final runs. A dashed line joins those that nobody beats in both cost and result. Oracle calls: how often a step asks for a loss, a gradient, a Hessian-vector product (HVP) or gradients of each example. Seconds are of steps alone, while other trials ran beside; those of a run with their 95% interval. Peak memory is that of the whole process of a trial, with data and engine.',
    [html`<div class="three">${pictures}</div>`, table({ caption: `Costs on ${task.plan.label}`, columns, rows })],
    true,
  );
}
