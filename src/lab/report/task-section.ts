import { metricCell, metricName, metricValue, nothing, plural, quantityName, whole } from '../format.ts';
import { costCard } from './cost-card.ts';
import { type Curve, curveChart, curvesOf } from './curves.ts';
import { figure } from './draw.ts';
import { flipsCard } from './flips-card.ts';
import { endChart, targetChart } from './forest.ts';
import { type Html, html } from './html.ts';
import { rankingCard } from './ranking-card.ts';
import { sensitivityCard } from './sensitivity-card.ts';
import { settingsCard } from './settings-card.ts';
import { type Column, card, details, table } from './table.ts';
import { tunabilityCard } from './tunability-card.ts';
import type { TaskView, View } from './view.ts';

/** Everything that a race shows on one task. */
export function taskSection({ result }: View, task: TaskView): Html {
  const { plan, score } = task;
  const { metric } = plan.target;
  const facts = `${plan.summary}; ${plural(plan.parameters, 'parameter')}, batch ${plan.batchSize}, ${plural(plan.steps, 'step')}.`;
  const halves = [
    endCard(task),
    tunabilityCard(task),
    curveCard(task, metric),
    metric === 'loss' ? null : curveCard(task, 'loss'),
    targetCard(task, 'steps'),
    targetCard(task, 'seconds'),
  ].filter((one) => one !== null);
  return html`<section id="${task.id}" aria-labelledby="${task.id}-head">
<h2 id="${task.id}-head">${plan.label}</h2>
<p class="lead">${result.tasks.length > 1 ? html`<strong>${score.headline}</strong> ` : null}${facts}</p>
<div class="cards">
${rankingCard(task, result.plan.baseline)}
${halves}
${flipsCard(task, halves.length % 2 === 0)}
${costCard(task)}
${sensitivityCard(task)}
${settingsCard(task)}
</div>
</section>`;
}

const endCard = (task: TaskView): Html | null =>
  card(
    'The end of training',
    "Each ring is a seed, the dot their mean, the bar the 95% interval of the mean by Student's t. Competitors share their seeds, so the ranking compares them pair by pair and can tell apart means whose bars overlap.",
    figure(endChart(task)),
  );

function curveCard(task: TaskView, quantity: string): Html | null {
  const picture = figure(curveChart(task, quantity));
  if (picture === null) return null;
  const name = quantityName(task.plan, quantity);
  const missing = task.score.rows.filter(({ competitor }) => task.finals(competitor.label).length === 0);
  const note = `Final runs: mean over seeds; the band reaches from the best seed to the worst.${missing.length === 0 ? '' : ` Not shown, as no final run ended: ${missing.map(({ competitor }) => competitor.label).join(', ')}.`}`;
  return card(`On the way: ${name}`, note, [picture, curveNumbers(task, quantity)]);
}

/** Rows of the tables behind curves. */
const mostRows = 24;

function curveNumbers(task: TaskView, quantity: string): Html {
  const curves = curvesOf(task, quantity);
  const longest = curves.reduce((a, b) => (b.points.length > a.points.length ? b : a));
  const stride = Math.ceil(longest.points.length / mostRows);
  // The end is always among them.
  const rows = longest.points.map((_, at) => at).filter((at) => (longest.points.length - 1 - at) % stride === 0);
  const columns: Column<number>[] = [
    { head: 'step', cell: (at) => whole(Math.round(longest.points[at].step)), names: true },
    ...curves.map((curve: Curve) => ({
      head: curve.label,
      cell: (at: number) => (curve.points[at] ? metricCell(quantity, curve.points[at].mean) : nothing),
    })),
  ];
  const caption = `${quantityName(task.plan, quantity)} on ${task.plan.label}, mean over seeds`;
  return details('The numbers', table({ caption, columns, rows }));
}

function targetCard(task: TaskView, unit: 'steps' | 'seconds'): Html | null {
  const { plan, score } = task;
  const { metric, value } = plan.target;
  const ran = score.rows.filter(({ toTarget: { runs } }) => runs > 0);
  if (ran.length === 0) return null;
  const goal = `${metricName(plan)} at or below ${metricValue(metric, value)}`;
  const picture = figure(targetChart(task, unit));
  if (picture === null)
    return unit === 'steps' ? card('Time to the target', null, html`<p>No run reached ${goal}.</p>`) : null;
  const missed = ran.filter(({ toTarget: { reached } }) => reached === 0).map(({ competitor }) => competitor.label);
  const missing = missed.length === 0 ? '' : ` Not reached by ${missed.join(', ')}.`;
  const note =
    unit === 'steps'
      ? `First evaluation with ${goal}, out of ${plan.evaluations} evenly spaced ones.${missing}`
      : 'The same in seconds of the steps alone, without evaluations, on the machine below and while other trials ran beside it.';
  return card(unit === 'steps' ? 'Steps to the target' : 'Time to the target', note, picture);
}
