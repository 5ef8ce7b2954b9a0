import type { AcrossRow } from '../analysis/score-types.ts';
import { meanRank, metricCell, nothing, probability, rank, score, share } from '../format.ts';
import { figure } from './draw.ts';
import { rankChart } from './forest.ts';
import { type Html, html } from './html.ts';
import { named } from './named.ts';
import { profileChart, solvedWithin } from './profiles.ts';
import { type Column, card, details, table } from './table.ts';
import type { TaskView, View } from './view.ts';

/** What a race over several tasks shows beyond each of them. */
export function acrossSection(view: View): Html | null {
  const { across } = view.result;
  if (across === null) return null;
  return html`<section id="across" aria-labelledby="across-head">
<h2 id="across-head">Across ${view.tasks.length} tasks</h2>
<ul class="headlines">${view.tasks.map((task) => html`<li><a href="#${task.id}">${task.plan.label}</a>: ${task.score.headline}</li>`)}</ul>
<div class="cards">
${scoresCard(view, across.rows)}
${card('Mean rank', 'Rings are the places on single tasks by mean metric, the dot is their mean, the bar its 95% interval, by bootstrap over tasks and Student’s t over seeds.', figure(rankChart(view)))}
${profilesCard(view)}
${ranksCard(view)}
${difficultyCard(view)}
</div>
</section>`;
}

function scoresCard(view: View, rows: readonly AcrossRow[]): Html | null {
  const columns: Column<AcrossRow>[] = [
    { head: 'optimizer', cell: ({ competitor }) => named(view, competitor), left: true, names: true },
    { head: html`mean rank<br>(95% interval)`, cell: meanRank },
    { head: html`probability<br>of best`, cell: ({ best }) => probability(best) },
    { head: html`first on<br>(or tied)`, cell: ({ firsts }) => `${firsts} of ${view.tasks.length}` },
    { head: html`AlgoPerf score<br>in steps`, cell: (row) => score(row.score) },
    { head: html`AlgoPerf score<br>in seconds`, cell: (row) => score(row.scoreSeconds) },
    { head: html`Nash<br>average`, cell: ({ nash }) => score(nash) },
  ];
  return card(
    'Scores over all tasks',
    'Mean rank: of the places by mean metric, ties set aside; lower is better. Its interval and the probability of best are over other seeds and other draws of these tasks; they know nothing of other tasks. AlgoPerf score: the area under the performance profile below, from 0 to 1, higher is better; it asks who meets the targets, and how soon. Nash average: the mean over tasks with the weights at which neither tasks nor optimizers can be padded with copies; higher is better.',
    table({ caption: 'Scores over all tasks', columns, rows }),
    true,
  );
}

const taus = [1, 1.25, 1.5, 2, 3, 4];

function profilesCard(view: View): Html | null {
  const picture = figure(profileChart(view));
  if (picture === null) return null;
  const rows = view.result.across?.profiles ?? [];
  const columns: Column<(typeof rows)[number]>[] = [
    { head: 'optimizer', cell: ({ competitor }) => named(view, competitor), left: true, names: true },
    ...taus.map((tau) => ({
      head: `${tau}×`,
      cell: ({ points }: (typeof rows)[number]) => share(solvedWithin(points, tau)),
    })),
  ];
  return card(
    'Performance profiles',
    'Share of the tasks on which a competitor meets the target within so many times the steps of the fastest. High at the left: often the fastest. High at the right: seldom fails. Lines are moved a little apart where they coincide.',
    [
      picture,
      details(
        'The numbers',
        table({ caption: 'Share of tasks solved within a multiple of the fastest', columns, rows }),
      ),
    ],
  );
}

/** Every rank and result in one view. */
function ranksCard(view: View): Html | null {
  const labels = (view.result.across?.rows ?? []).map(({ competitor }) => competitor);
  const columns: Column<string>[] = [
    { head: 'optimizer', cell: (label) => named(view, label), left: true, names: true },
    ...view.tasks.map((task) => ({
      head: html`${task.plan.label}<br><span class="pm">${task.plan.target.metric}</span>`,
      cell: (label: string) => place(task, label),
    })),
  ];
  return card(
    'Rank and result on each task',
    'The rank (“=” where it is shared), and the metric at the end of training, mean over seeds.',
    table({ caption: 'Rank and result on each task', columns, rows: labels }),
    true,
  );
}

function place({ score: { rows }, plan }: TaskView, label: string): Html | string {
  const row = rows.find(({ competitor }) => competitor.label === label);
  if (row === undefined || row.rank === null) return nothing;
  const value = html` <span class="pm">${metricCell(plan.target.metric, row.validation.mean)}</span>`;
  return row.rank === 1 ? html`<strong>${rank(row)}</strong>${value}` : html`${rank(row)}${value}`;
}

function difficultyCard({ result, tasks }: View): Html | null {
  const rows = result.across?.difficulty ?? [];
  if (rows.length === 0) return null;
  const label = (name: string) => tasks.find(({ plan }) => plan.label === name);
  const most = Math.max(...rows.map(({ weight }) => weight)) || 1;
  return card(
    'Weight of each task',
    'In the Nash average: tasks that tell optimizers apart weigh more, and copies of a task share its weight.',
    table<(typeof rows)[number]>({
      caption: 'Weight of each task in the Nash average',
      columns: [
        {
          head: 'task',
          cell: ({ task }) => {
            const found = label(task);
            return found ? html`<a href="#${found.id}">${task}</a>` : task;
          },
          left: true,
          names: true,
        },
        { head: 'weight', cell: ({ weight }) => score(weight) },
        {
          head: html`<span class="sr">as a bar</span>`,
          cell: ({ weight }) =>
            html`<span class="bar" style="width:${((100 * Math.max(0, weight)) / most).toFixed(0)}%"></span>`,
          left: true,
          style: 'bars',
        },
      ],
      rows,
    }),
    true,
  );
}
