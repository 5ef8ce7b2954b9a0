import type { TuningRange } from '../../optim/hyper.ts';
import type { Row } from '../analysis/score-types.ts';
import { number } from '../format.ts';
import { colorOf } from './draw.ts';
import { type Html, html } from './html.ts';
import { named } from './named.ts';
import { card, table } from './table.ts';
import type { TaskView } from './view.ts';

/** Shares of a range that count as its edges. */
const edge = 0.05;

/** What the tuning chose, and where it lies in the range that was searched. */
export function settingsCard(task: TaskView): Html | null {
  const rows = task.score.rows.filter(({ best }) => best !== null && Object.keys(best).length > 0);
  if (rows.length === 0) return null;
  return card(
    'Best settings',
    'What the tuning chose, and where it lies in the range that was searched. A choice at an edge says that the range may be too small.',
    table<Row>({
      caption: `Best settings on ${task.plan.label}`,
      columns: [
        { head: 'optimizer', cell: ({ competitor }) => named(task, competitor.label), left: true, names: true },
        {
          head: 'hyperparameters, each with its place in the range',
          cell: (row) => settings(task, row),
          left: true,
          style: 'wrap',
        },
      ],
      rows,
    }),
    true,
  );
}

const settings = (task: TaskView, { competitor, best }: Row): readonly Html[] =>
  Object.entries(best ?? {}).map(([name, value]) => {
    const range: TuningRange | undefined = competitor.space[name];
    const shown = typeof value === 'number' ? number(value) : String(value);
    if (range === undefined) return html`<span class="setting">${name} <strong>${shown}</strong></span>`;
    const at = positionIn(range, Number(value));
    const within = `${number(range.low)} to ${number(range.high)}`;
    const left = `${(100 * Math.min(1, Math.max(0, at))).toFixed(0)}%`;
    const atEdge =
      at < edge || at > 1 - edge ? html` <span class="edge">at the ${at < edge ? 'lower' : 'upper'} edge</span>` : null;
    return html`<span class="setting">${name} <strong>${shown}</strong><span class="range" title="${within}"><span class="sr"> at ${left} of ${within}</span><i style="left:${left};background:${colorOf(task.place(competitor.label))}"></i></span>${atEdge}</span>`;
  });

/** Quantile of a value in its tuning range. */
export function positionIn({ scale, low, high }: TuningRange, value: number): number {
  if (scale === 'linear') return (value - low) / (high - low);
  if (scale === 'log') return Math.log(value / low) / Math.log(high / low);
  return Math.log((1 - value) / (1 - low)) / Math.log((1 - high) / (1 - low));
}
