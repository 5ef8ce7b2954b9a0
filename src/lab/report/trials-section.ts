import { endOf, metricOf } from '../analysis/ends.ts';
import { bytes, metricValue, nothing, number, plural, values, whole } from '../format.ts';
import type { TaskPlan, Trial } from '../plan.ts';
import { type Html, html } from './html.ts';
import { type Column, card, details, table } from './table.ts';
import type { View } from './view.ts';

/** More trials than these are not on the page: it must open on a phone. */
export const mostTrials = 1000;
export const mostErrors = 50;
/** Characters of an error that are shown. */
const longestError = 600;

/** What came of every trial, failures first. */
export function trialsSection(view: View): Html {
  const { result } = view;
  const failed = result.trials.filter(({ outcome }) => outcome.status === 'failed');
  return html`<section id="trials" aria-labelledby="trials-head">
<h2 id="trials-head">Trials</h2>
<div class="cards">
${failed.length === 0 ? null : failuresCard(failed)}
${allCard(view)}
</div>
</section>`;
}

const failuresCard = (failed: readonly Trial[]): Html | null =>
  card(
    `${plural(failed.length, 'trial')} failed`,
    'Ended by an error, of the engine or of the process. That says nothing about the optimizer, yet a competitor with such a final run has no rank.',
    [
      table<Trial>({
        caption: 'Failed trials',
        columns: [
          { head: 'trial', cell: ({ plan }) => plan.id, left: true, names: true },
          { head: 'seed', cell: ({ plan }) => plan.seed },
          { head: 'error', cell: ({ outcome }) => cut(outcome.error ?? 'unknown'), left: true, style: 'wrap' },
        ],
        rows: failed.slice(0, mostErrors),
      }),
      failed.length > mostErrors
        ? html`<p class="note">And ${plural(failed.length - mostErrors, 'trial')} more.</p>`
        : null,
    ],
    true,
  );

const cut = (error: string): string => (error.length > longestError ? `${error.slice(0, longestError)} …` : error);

function allCard({ result, place }: View): Html | null {
  const { trials, plan, id } = result;
  const tasks = new Map<string, TaskPlan>(plan.tasks.map((task) => [task.label, task]));
  const order = new Map(plan.tasks.map(({ label }, index) => [label, index]));
  const at = (trial: Trial) => order.get(trial.plan.task) ?? 0;
  // Final runs first: they are what the ranking stands on, and they are few.
  const sorted = [...trials].sort(
    (a, b) =>
      Number(a.plan.phase !== 'final') - Number(b.plan.phase !== 'final') ||
      at(a) - at(b) ||
      place(a.plan.competitor) - place(b.plan.competitor) ||
      a.plan.index - b.plan.index,
  );
  const shown = sorted.slice(0, mostTrials);
  const metric = (trial: Trial): string => {
    const name = tasks.get(trial.plan.task)?.target.metric ?? 'loss';
    const end = endOf(trial);
    return end ? metricValue(name, metricOf(name, end)) : nothing;
  };
  const columns: Column<Trial>[] = [
    ...(plan.tasks.length > 1 ? [{ head: 'task', cell: (trial: Trial) => trial.plan.task, left: true }] : []),
    { head: 'competitor', cell: (trial) => trial.plan.competitor, left: true },
    { head: 'trial', cell: (trial) => shortName(trial), left: true, names: true },
    { head: 'seed', cell: (trial) => trial.plan.seed },
    { head: 'hyperparameters', cell: (trial) => values(trial.plan.values), left: true },
    { head: 'steps', cell: ({ outcome }) => whole(outcome.steps) },
    { head: 'metric', cell: metric },
    { head: 'loss', cell: (trial) => number(endOf(trial)?.loss ?? Number.NaN, 4) },
    { head: 'wall time', cell: ({ outcome }) => `${number(outcome.wallSeconds)} s` },
    { head: 'peak memory', cell: ({ outcome }) => bytes(outcome.peakBytes) },
    {
      head: 'end',
      cell: ({ outcome }) =>
        outcome.status === 'diverged' ? `diverged at step ${whole(outcome.steps)}` : outcome.status,
      left: true,
    },
  ];
  const left = trials.length - shown.length;
  const kept =
    id === null
      ? 'A race with a lab keeps all of them, with their curves.'
      : html`<code>thalweg export ${id}</code> writes all of them, with their curves, from the lab.`;
  const missing = left > 0 ? ` The first ${whole(shown.length)}; ${whole(left)} more are not on this page.` : '';
  const note = html`In the order of the plan, final runs first.${missing} ${kept}`;
  return card(
    `All ${plural(trials.length, 'trial')}`,
    note,
    details(`Show ${plural(shown.length, 'trial')}`, table({ caption: 'Trials', columns, rows: shown })),
    true,
  );
}

/** The id without task and competitor, which stand beside it. */
function shortName({ plan: { id, task, competitor } }: Trial): string {
  const start = `${task}/${competitor}/`;
  return id.startsWith(start) ? id.slice(start.length) : id;
}
