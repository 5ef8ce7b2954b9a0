import { duration, metricName, metricValue, number, plural, values, whole } from '../format.ts';
import type { CompetitorPlan, SchedulePlan, TaskPlan } from '../plan.ts';
import { copyable } from './head.ts';
import { type Html, html, type Part } from './html.ts';
import { named } from './named.ts';
import { card, details, table } from './table.ts';
import type { View } from './view.ts';

/** How the race was run, in words and as data; enough to run it again and to doubt it. */

export function describeSchedule({ warmup, decay }: SchedulePlan): string {
  const rise = warmup > 0 ? `linear warm-up over the first ${number(100 * warmup)}% of the steps, then ` : '';
  return `${rise}${decay === 'none' ? 'constant' : `${decay} decay to zero`}`;
}

/** Those that the tuning trials had; runs of the phase that share a final seed have nothing to choose. */
function tuningSeeds({ result: { plan, trials } }: View): readonly number[] {
  const seen = trials.filter((trial) => trial.plan.phase === 'tune').map((trial) => trial.plan.seed);
  const own = [...new Set(seen)].filter((seed) => !plan.finalSeeds.includes(seed)).sort((a, b) => a - b);
  return own.length === 0 ? [plan.tuneSeed] : own;
}

export function protocolSection(view: View): Html {
  const { plan, protocol, machine, seconds, id, command } = view.result;
  const unscheduled = plan.competitors.filter(({ scheduled }) => !scheduled).map(({ label }) => label);
  const except = unscheduled.length === 0 ? '' : `; ${unscheduled.join(', ')} without one, being defined so`;
  const items: readonly (readonly [string, Part])[] = [
    ['Protocol', protocol],
    ['Schedule', `${describeSchedule(plan.schedule)}, as part of the learning rate${except}`],
    [
      'Seeds',
      `of tuning trials: ${seedsText(tuningSeeds(view))}; of final runs: ${seedsText(plan.finalSeeds)}, which no tuning trial saw; of the search points: ${plan.seed}`,
    ],
    [
      'Test sets',
      plan.tasks.some(({ hasData }) => hasData)
        ? 'evaluated once, at the end of each final run; nothing is chosen by them'
        : 'none: the tasks are functions of their parameters',
    ],
    [
      'Intervals',
      "95%: of means by Student's t over the final seeds, and so the probabilities of being best; of differences paired by seed; of mean ranks by bootstrap over tasks and Student's t over seeds; of tunability by bootstrap over trials. Each stands for itself; ranks are corrected for the number of comparisons",
    ],
    ['Engine', `${plan.engine}, one engine thread for each trial`],
    ...(plan.module === null
      ? []
      : [['Race file', html`<code>${plan.module}</code> with tasks or optimizers of its own`] as const]),
    ...(id === null ? [] : [['Race', html`<code>${id}</code> in its lab`] as const]),
    [
      'Machine',
      `${machine.cpu}, ${plural(machine.cores, 'core')}, ${machine.memoryGiB} GiB, ${machine.platform}; ${duration(seconds)} in all`,
    ],
    [
      'Versions',
      Object.entries(machine.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
  ];
  const repeat =
    command === null
      ? 'The race was run from a program. This plan fixes its outcome up to the clock.'
      : 'Two races with equal plans end with equal numbers, up to the clock.';
  return html`<section id="protocol" aria-labelledby="protocol-head">
<h2 id="protocol-head">How it was run</h2>
<div class="cards">
${card('Protocol', null, html`<dl>${items.map(([term, text]) => html`<dt>${term}</dt><dd>${text}</dd>`)}</dl>`, true)}
${card('Tasks', null, tasksTable(plan.tasks), true)}
${card('Search ranges', 'What was tuned, where, on which scale; other hyperparameters are at their defaults or as named.', rangesTable(view), true)}
${card(
  'The plan as data',
  repeat,
  details('Show the plan', copyable('plan', 'The plan of the race', JSON.stringify(plan, null, 2), 'Copy plan')),
  true,
)}
</div>
</section>`;
}

/** '1001 to 1005', or all of them where they do not follow each other. */
const seedsText = (seeds: readonly number[]): string =>
  seeds.length > 3 && seeds.every((seed, i) => seed === seeds[0] + i)
    ? `${seeds[0]} to ${seeds[seeds.length - 1]}`
    : seeds.join(', ');

const tasksTable = (tasks: readonly TaskPlan[]): Html =>
  table<TaskPlan>({
    caption: 'Tasks',
    columns: [
      { head: 'task', cell: ({ label }) => label, left: true, names: true },
      {
        head: 'what it is',
        cell: ({ label, task, summary }) => (task === label ? summary : `${task}: ${summary}`),
        left: true,
        style: 'wrap',
      },
      { head: 'parameters', cell: ({ parameters }) => whole(parameters) },
      { head: 'batch', cell: ({ batchSize }) => whole(batchSize) },
      { head: 'steps', cell: ({ steps }) => whole(steps) },
      { head: 'evaluations', cell: ({ evaluations }) => whole(evaluations) },
      { head: 'target', cell: (task) => `${metricName(task)} ${metricValue(task.target.metric, task.target.value)}` },
      ...(tasks.some(({ scale }) => scale)
        ? [
            {
              head: 'scale',
              cell: ({ scale }: TaskPlan) => (scale ? `${scale.size}, data × ${number(scale.ratio)}` : ''),
            },
          ]
        : []),
    ],
    rows: tasks,
  });

const scales = { linear: 'linear', log: 'log', logOneMinus: 'log of 1 − value' } as const;

const rangesTable = (view: View): Html =>
  table<CompetitorPlan>({
    caption: 'Search ranges',
    columns: [
      { head: 'competitor', cell: ({ label }) => named(view, label), left: true, names: true },
      {
        head: 'optimizer',
        cell: ({ optimizer, fixed }) => [optimizer, values(fixed)].filter((text) => text !== '').join(', '),
        left: true,
        style: 'wrap',
      },
      {
        head: 'tuned',
        cell: ({ space }) =>
          Object.keys(space).length === 0
            ? 'nothing'
            : Object.entries(space).map(
                ([name, { scale, low, high }]) =>
                  html`<span class="setting">${name} <strong>${number(low)} to ${number(high)}</strong> <span class="pm">${scales[scale]}</span></span>`,
              ),
        left: true,
        style: 'wrap',
      },
    ],
    rows: view.result.plan.competitors,
  });
