import {
  calls,
  duration,
  metricEstimate,
  metricName,
  metricValue,
  number,
  plural,
  quantityName,
  rank,
  remarks,
  speedUp,
  toTarget,
  whole,
} from '../format.ts';
import type { RaceResult } from '../result.ts';
import { headline, type Row, tolerance } from '../score.ts';
import { curveChart } from './curves.ts';
import { colorOf } from './draw.ts';
import { endChart, targetChart } from './forest.ts';
import { Html, html } from './html.ts';
import { protocolSection, trialsSection } from './protocol-section.ts';
import { sensitivityChart } from './sensitivity.ts';
import { style } from './style.ts';

/** One self-contained page: no script, no font, no picture that is loaded from anywhere. */
export function renderReport(result: RaceResult): string {
  const { protocol, rows } = result;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>thalweg race: ${protocol.task}</title>
<style>${new Html(style)}</style>
</head>
<body>
<main>
${head(result)}
${rankingSection(result)}
${endSection(result)}
${curvesSection(result)}
${targetSection(result)}
${sensitivitySection(result)}
${settingsSection(result)}
${protocolSection(result)}
${trialsSection(result)}
<footer>${plural(rows.length, 'competitor')}, ${plural(result.trials.length, 'trial')}, ${duration(result.seconds)}. Made by thalweg ${result.machine.versions.thalweg}.</footer>
</main>
</body>
</html>
`;
  return page.text;
}

const mark = new Html(
  '<svg width="26" height="18" viewBox="0 0 26 18" fill="none" stroke-linecap="round" aria-hidden="true"><path d="M1 2C7 3 7 15 13 15S19 3 25 2" stroke="currentColor" stroke-width="1.6"/><circle cx="13" cy="15" r="2.4" fill="var(--c1)"/></svg>',
);

function head({ protocol, rows, status, seconds }: RaceResult): Html {
  const { trials, tuneSteps, steps, finalSeeds, competitors } = protocol;
  return html`<header>
<div class="brand">${mark} thalweg race · ${protocol.task}</div>
<h1>${headline(rows, metricName(protocol))}</h1>
<p class="lead">${protocol.taskSummary}. Each of ${plural(competitors.length, 'optimizer')} was tuned with ${plural(trials, 'quasi-random trial')} of ${plural(tuneSteps, 'step')}; its best setting then ran ${whole(steps)} steps on ${plural(finalSeeds.length, 'fresh seed')}. ${duration(seconds)} in all.</p>
${status === 'interrupted' ? html`<p class="banner"><strong>Interrupted.</strong> This page shows the trials that had finished; the ranking is not that of a whole race.</p>` : null}
</header>`;
}

/** The coloured square that stands for a competitor on the whole page, and its name. */
const named = (result: RaceResult, { competitor }: Row): Html => {
  const index = result.protocol.competitors.findIndex(({ label }) => label === competitor.label);
  return html`<span class="swatch" style="background:${colorOf(index)}"></span>${competitor.label}`;
};

const withInterval = (text: string): Html => {
  const [center, interval] = text.split(' ± ');
  return html`${center}${interval === undefined ? null : html` <span class="pm">± ${interval}</span>`}`;
};

function rankingSection(result: RaceResult): Html {
  const { protocol, rows } = result;
  const { metric, value } = protocol.target;
  const cells = (row: Row) => html`<tr${row.rank === 1 ? new Html(' class="first"') : null}>
<td class="l rank">${rank(row)}</td><td class="l name">${named(result, row)}${remarks(row).length > 0 ? html`<span class="remark">${remarks(row).join(', ')}</span>` : null}</td>
<td>${withInterval(metricEstimate(metric, row.validation))}</td>${protocol.hasData ? html`<td>${withInterval(metricEstimate(metric, row.test))}</td>` : null}
<td>${toTarget(row, 'steps')}</td><td>${toTarget(row, 'seconds')}</td><td>${speedUp(row)}</td>
<td>${row.cost ? calls(row.cost.calls) : '–'}</td><td>${row.cost ? number(row.cost.stateBytesPerParameter) : '–'}</td><td>${row.cost ? number(row.cost.millisecondsPerStep) : '–'}</td></tr>`;
  return html`<section>
<h2>Ranking</h2>
<p class="note">By ${metricName(protocol)} at the end of training, mean over seeds with its 95% interval. Competitors share a rank (“=”) unless the 95% interval of their difference to the best of it, paired by seed, leaves out zero. The target is ${metricName(protocol)} ${metricValue(metric, value)}${protocol.baseline === null ? '' : `; speed-up is in steps to it, against tuned ${protocol.baseline}`}. Calls, state and time are measured.</p>
<div class="scroll"><table>
<thead><tr><th class="l"></th><th class="l">optimizer</th><th>${metricName(protocol)}</th>${protocol.hasData ? html`<th>test ${metric}</th>` : null}<th>steps<br>to target</th><th>time<br>to target</th><th>speed-up</th><th>oracle calls<br>per step</th><th>state bytes<br>per parameter</th><th>ms<br>per step</th></tr></thead>
<tbody>${rows.map(cells)}</tbody>
</table></div>
</section>`;
}

/** A chart at the two widths between which the style sheet chooses. */
function chart(make: (width: number) => string | null, wide: number, narrow = 350): Html | null {
  const [large, small] = [make(wide), make(narrow)];
  if (large === null || small === null) return null;
  return html`<figure><div class="wide">${new Html(large)}</div><div class="narrow">${new Html(small)}</div></figure>`;
}

const halfWidth = 505;
const fullWidth = 1040;

function endSection(result: RaceResult): Html | null {
  const picture = chart((width) => endChart(result, width), fullWidth);
  return (
    picture &&
    html`<section>
<h2>The end of training</h2>
<p class="note">Each ring is a seed, the dot their mean, the bar the 95% interval of the mean by Student's t. Competitors share their seeds, so the ranking compares them pair by pair and can tell apart means whose bars overlap.</p>
${picture}
</section>`
  );
}

function curvesSection(result: RaceResult): Html | null {
  const { metric } = result.protocol.target;
  const loss = chart((width) => curveChart(result, 'loss', width), metric === 'loss' ? fullWidth : halfWidth);
  const other = metric === 'loss' ? null : chart((width) => curveChart(result, metric, width), halfWidth);
  if (!loss) return null;
  const ran = result.rows.filter((row) => row.final.finished > 0);
  return html`<section>
<h2>On the way</h2>
<p class="note">Final runs${result.protocol.hasData ? ' on the validation set' : ''}: mean over seeds; the band reaches from the best seed to the worst.</p>
<ul class="legend">${ran.map((row) => html`<li>${named(result, row)}</li>`)}</ul>
${other ? html`<div class="two">${loss}${other}</div>` : loss}
</section>`;
}

function targetSection(result: RaceResult): Html | null {
  const { metric, value } = result.protocol.target;
  const steps = chart((width) => targetChart(result, 'steps', width), halfWidth);
  const seconds = chart((width) => targetChart(result, 'seconds', width), halfWidth);
  const missed = result.rows.filter(({ toTarget: { reached, runs } }) => runs > 0 && reached === 0);
  const missing = missed.length === 0 ? '' : ` Not reached by ${missed.map((row) => row.competitor.label).join(', ')}.`;
  return html`<section>
<h2>Time to the target</h2>
<p class="note">First evaluation with ${metricName(result.protocol)} at or below ${metricValue(metric, value)}, out of ${result.protocol.evaluations} evenly spaced ones. Seconds count steps only, while ${plural(result.protocol.jobs, 'trial')} ran at once.${missing}</p>
${steps && seconds ? html`<div class="two">${steps}${seconds}</div>` : html`<p>No run reached it.</p>`}
</section>`;
}

function sensitivitySection(result: RaceResult): Html | null {
  const pictures = result.rows.flatMap((row) => {
    const picture = chart((width) => sensitivityChart(result, row, width), 245, 165);
    if (!picture) return [];
    const share = Number.isFinite(row.sensitivity.nearBest) ? `${Math.round(100 * row.sensitivity.nearBest)}%` : '–';
    return [
      html`<div><h3>${named(result, row)}</h3><p class="note">${share} of settings near its best</p>${picture}</div>`,
    ];
  });
  if (pictures.length === 0) return null;
  return html`<section>
<h2>Sensitivity to the learning rate</h2>
<p class="note">The ${quantityName(result.protocol, 'loss')} at the end of each tuning trial over its learning rate, other hyperparameters varying too; grey: everyone else. The ringed trial ended lowest; crosses diverged. “Near” is within ${Math.round((tolerance - 1) * 100)}% of the lowest loss.</p>
<div class="many">${pictures}</div>
</section>`;
}

function settingsSection(result: RaceResult): Html {
  return html`<section>
<h2>Best settings</h2>
<p class="note">What the tuning chose, and where it lies in the range that was searched. A choice near an edge says that the range may be too small.</p>
<div class="scroll"><table>
<thead><tr><th class="l">optimizer</th><th class="l">hyperparameters</th></tr></thead>
<tbody>${result.rows.map((row) => html`<tr><td class="l name">${named(result, row)}</td><td class="l">${settings(result, row)}</td></tr>`)}</tbody>
</table></div>
</section>`;
}

function settings(result: RaceResult, { competitor, best }: Row): Html | string {
  if (!best) return 'no tuning trial finished';
  const index = result.protocol.competitors.indexOf(competitor);
  const cells = Object.entries(best).map(([name, value]) => {
    const range = competitor.space[name];
    const at = positionIn(range, Number(value));
    const edge = at < 0.05 || at > 0.95 ? html` <span class="edge">at the edge</span>` : null;
    return html`<span style="display:inline-block;margin-right:20px">${name} <strong>${number(Number(value))}</strong><span class="range" title="${number(range.low)} to ${number(range.high)}"><i style="left:${(100 * at).toFixed(0)}%;background:${colorOf(index)}"></i></span>${edge}</span>`;
  });
  return html`${cells}`;
}

/** Quantile of a value in its tuning range. */
function positionIn({ scale, low, high }: Row['competitor']['space'][string], value: number): number {
  if (scale === 'linear') return (value - low) / (high - low);
  if (scale === 'log') return Math.log(value / low) / Math.log(high / low);
  return Math.log((1 - value) / (1 - low)) / Math.log((1 - high) / (1 - low));
}
