import type { Row } from '../analysis/score-types.ts';
import {
  duration,
  isShare,
  meanRank,
  metricDifference,
  metricEstimate,
  metricName,
  plural,
  probability,
} from '../format.ts';
import type { RaceResult } from '../result.ts';
import { Html, html } from './html.ts';
import type { TaskView, View } from './view.ts';

const mark = new Html(
  '<svg width="26" height="18" viewBox="0 0 26 18" fill="none" stroke-linecap="round" aria-hidden="true"><path d="M1 2C7 3 7 15 13 15S19 3 25 2" stroke="currentColor" stroke-width="1.6"/><circle cx="13" cy="15" r="2.4" fill="var(--c1)"/></svg>',
);

/** What the race found, in a sentence and the interval that it rests on; whether it is whole; how to repeat it. */
export function head(view: View): Html {
  const { result } = view;
  const { plan, status, headline, command } = result;
  const basis = result.across === null ? taskBasis(view.tasks[0]) : acrossBasis(result);
  const facts = [
    plural(plan.tasks.length, 'task'),
    plural(plan.competitors.length, 'optimizer'),
    plural(result.trials.length, 'trial'),
    plural(plan.finalSeeds.length, 'final seed'),
    duration(result.seconds),
  ];
  return html`<header>
<p class="brand">${mark} thalweg race · ${plan.name}</p>
<h1>${headline}</h1>
${basis === null ? null : html`<p class="basis">${basis}</p>`}
${banner(status, result.trials.length)}
<p class="lead">${result.protocol}</p>
<p class="facts">${facts.join(' · ')}</p>
${command === null ? null : copyable('command', 'Command that repeats the race', command, 'Copy command')}
</header>`;
}

const banner = (status: RaceResult['status'], trials: number): Html | null => {
  if (status === 'finished') return null;
  const ended = plural(trials, 'trial');
  return status === 'interrupted'
    ? html`<p class="banner"><strong>Interrupted.</strong> This page shows the ${ended} that had ended; the ranking is not that of a whole race.</p>`
    : html`<p class="banner"><strong>Still running.</strong> This page shows the ${ended} that had ended when it was made; the ranking is not that of a whole race.</p>`;
};

/** How the first compares with the next that does not share its rank, or, where all are tied, with the last. */
function taskBasis(task: TaskView | undefined): string | null {
  const ranked = task?.score.rows.filter((row) => row.rank !== null) ?? [];
  if (task === undefined || ranked.length === 0) return null;
  const { plan } = task;
  const { metric } = plan.target;
  const [first, ...rest] = ranked;
  const own = `${first.competitor.label}: ${metricName(plan)} ${metricEstimate(metric, first.validation)}${Number.isFinite(first.validation.halfWidth) ? ' (95% interval)' : ''}`;
  const chance = Number.isFinite(first.probabilityBest)
    ? `, the best with probability ${probability(first.probabilityBest)}`
    : '';
  const other: Row | undefined = rest.find(({ rank }) => rank !== 1) ?? rest.at(-1);
  if (other?.behind == null || !Number.isFinite(other.behind.halfWidth)) return `${own}${chance}.`;
  const unit = isShare(metric) ? ' percentage points' : '';
  return `${own}${chance}. ${other.competitor.label} is behind it by ${metricDifference(metric, other.behind).replace('+', '')}${unit}, paired over ${plural(other.behind.count, 'seed')}.`;
}

/** The first two. */
function acrossBasis({ across }: RaceResult): string | null {
  const first = across?.rows.slice(0, 2).filter((row) => Number.isFinite(row.meanRank)) ?? [];
  if (first.length < 2) return null;
  const places = first.map(
    (row) =>
      `${row.competitor} ${meanRank(row)}${Number.isFinite(row.best) ? `, best with probability ${probability(row.best)}` : ''}`,
  );
  return `Mean rank (95% interval): ${places.join('; ')}.`;
}

/** Text with a button that copies it. Without JavaScript there is no button, and the text is there to be selected. */
export const copyable = (id: string, name: string, text: string, button: string): Html =>
  html`<div class="copyable"><pre id="${id}" role="group" tabindex="0" aria-label="${name}"><code>${text}</code></pre>
<button type="button" data-copy="${id}" hidden>${button}</button><span role="status"></span></div>`;

/** Links to the parts of the page. */
export function navigation(view: View, parts: readonly { readonly id: string; readonly title: string }[]): Html {
  const links = [
    ...(view.result.across === null ? [] : [{ id: 'across', title: 'Across tasks' }]),
    ...view.tasks.map(({ id, plan }) => ({ id, title: plan.label })),
    ...parts,
  ];
  return html`<nav aria-label="On this page"><ul>${links.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>`;
}
