import { type Row, tolerance } from '../analysis/score-types.ts';
import { plural, quantityName, share } from '../format.ts';
import { type Html, html } from './html.ts';
import { named } from './named.ts';
import { type HyperGroup, hyperGroups, sensitivityCharts } from './sensitivity.ts';
import { type Column, card, details, table } from './table.ts';
import type { TaskView } from './view.ts';

/** How the end of training depends on what was tuned: small pictures for each hyperparameter, one of each optimizer. */
export function sensitivityCard(task: TaskView): Html | null {
  const groups = hyperGroups(task);
  if (groups.length === 0) return null;
  const [first, ...others] = groups;
  const head = (group: HyperGroup) => `${group.hyper}, ${plural(group.members.length, 'optimizer')}`;
  const loss = quantityName(task.plan, 'loss');
  return card(
    'Sensitivity to hyperparameters',
    `The ${loss} at the end of each tuning trial${oneBudget(task) ? '' : ', of those as long as most of its optimizer,'} over one hyperparameter, the others varying too; grey: the other optimizers. The ringed trial ended lowest; crosses diverged, triangles ended far above the others. “Explains” is the share of the variation of the ranked losses that this hyperparameter alone predicts; of a dozen trials even one without influence may come to 40%; “near” counts settings within ${Math.round((tolerance - 1) * 100)}% of the optimizer's lowest loss. The numbers are in the table of all trials.`,
    [
      html`<h4>${head(first)}</h4>${multiples(task, first)}`,
      ...others.map((group) => details(head(group), multiples(task, group))),
      details('The shares', sensitivityTable(task, groups)),
    ],
    true,
  );
}

/** Whether all tuning trials of each optimizer have the same length. */
const oneBudget = (task: TaskView): boolean =>
  task.score.rows.every(
    ({ competitor }) => new Set(task.trials(competitor.label, 'tune').map(({ plan }) => plan.until)).size < 2,
  );

function multiples(task: TaskView, group: HyperGroup): Html {
  const pictures = sensitivityCharts(task, group);
  return html`<ul class="many">${group.members.flatMap(({ label, sensitivity }) => {
    const picture = pictures.get(label);
    if (picture === undefined) return [];
    const explains = Number.isFinite(sensitivity.explains)
      ? `explains ${share(sensitivity.explains)}`
      : 'too few trials to say';
    return [
      html`<li><span class="title">${named(task, label)}</span><span class="remark">${explains}</span>${picture}</li>`,
    ];
  })}</ul>`;
}

function sensitivityTable(task: TaskView, groups: readonly HyperGroup[]): Html {
  const columns: Column<Row>[] = [
    { head: 'optimizer', cell: ({ competitor }) => named(task, competitor.label), left: true, names: true },
    { head: html`settings<br>near its best`, cell: ({ nearBest }) => share(nearBest) },
    ...groups.map(({ hyper }) => ({
      head: html`explained by<br>${hyper}`,
      cell: (row: Row) => share(row.sensitivity.find((one) => one.hyper === hyper)?.explains ?? Number.NaN),
    })),
  ];
  const rows = task.score.rows.filter(({ sensitivity }) => sensitivity.length > 0);
  return table({ caption: `Sensitivity on ${task.plan.label}`, columns, rows });
}
