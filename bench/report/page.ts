import { Html, html } from '../../src/lab/report/html.ts';
import { duration, extrasRows, rateOf, remark, verdict } from '../print.ts';
import type { BenchResult, Rate, Row, Target, WorkloadResult } from '../result.ts';
import { barChart } from './bars.ts';
import { heatTable } from './heat.ts';
import { shortName } from './names.ts';
import { benchStyle } from './style.ts';

/** One self-contained page: no script, no font, no picture that is loaded from anywhere. */
export function renderPage(result: BenchResult): string {
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>thalweg bench ${result.date.slice(0, 10)}</title>
<style>${new Html(benchStyle)}</style>
</head>
<body>
<main>
${head(result)}
${targetsSection(result.targets)}
${heatSection(result)}
${barsSection(result)}
${compileSection(result)}
${extrasSection(result)}
${machineSection(result)}
</main>
</body>
</html>
`;
  return text;
}

function head({ targets, workloads, peers, interrupted, date, quick, machine, notes }: BenchResult): Html {
  const judged = targets.filter(({ met }) => met !== null);
  const met = judged.filter((target) => target.met);
  return html`<header>
<div class="brand">thalweg bench · ${date.slice(0, 16).replace('T', ' ')}${quick ? ' · quick' : ''}</div>
<h1>${met.length} of ${judged.length} targets met</h1>
<p class="lead">${workloads.length} workloads, ${Object.keys(peers).length} peers, every peer in a process of its own and all in turn, on ${machine.cores} cores of ${machine.cpu}. The same weights, data and arithmetic for all.</p>
${notes.map((note) => html`<p class="banner">${note}</p>`)}
${interrupted ? html`<p class="banner"><strong>Interrupted.</strong> This page shows what was measured until then.</p>` : null}
</header>`;
}

const verdictClass = ({ met }: Target): string => (met === null ? 'none' : met ? 'met' : 'unmet');

const targetsSection = (targets: readonly Target[]): Html => html`<section>
<h2>Targets</h2>
<table>
<tbody>${targets.map((target) => html`<tr><td class="l verdict ${verdictClass(target)}">${verdict(target)}</td><td class="l wrap">${target.claim}<span class="remark">${target.measured}</span></td></tr>`)}</tbody>
</table>
</section>`;

const heatSection = (result: BenchResult): Html => html`<section>
<h2>Times of the peers over Thalweg’s</h2>
<p class="note">Medians; 8 says that Thalweg is eight times as fast. ≠: the peer computes another value than Thalweg (a loss differs by more than 1e-3 of the larger of 1 and ours, another value by more than 1e-3 of ours). ?: there was no time to compare values. slow: a step takes longer than was waited for. –: the peer has no form of the workload.</p>
${heatTable(result)}
</section>`;

const halfWidth = 505;

function barsSection(result: BenchResult): Html {
  const picture = (workload: WorkloadResult): Html | null => {
    const [wide, narrow] = [halfWidth, 350].map((width) => barChart(workload, result.peers, width));
    if (wide === null || narrow === null) return null;
    const rate = rateOf(workload, result.rates);
    const told = ({ agrees, outcome }: Row): boolean => agrees === false || outcome === 'failed' || outcome === 'slow';
    const differing = workload.rows.filter(told);
    return html`<div><h3>${workload.title}</h3>${rate ? html`<p class="note">Thalweg: ${rate}</p>` : null}
<figure><div class="wide">${wide}</div><div class="narrow">${narrow}</div></figure>
${differing.map((row) => html`<p class="note">${shortName(row.peer)}: ${remark(row, workload.agreedSteps)}</p>`)}</div>`;
  };
  return html`<section>
<h2>Time of a step</h2>
<p class="note">Bars end at the median over the turns, on a logarithmic scale; lines reach from the least to the most.</p>
<div class="two">${result.workloads.map(picture)}</div>
</section>`;
}

function compileSection({ workloads, peers }: BenchResult): Html | null {
  const present = Object.keys(peers).filter((peer) =>
    workloads.some(({ rows }) => rows.some((row) => row.peer === peer && row.compile !== undefined)),
  );
  // A quick run does not tell.
  if (present.length === 0) return null;
  const line = ({ title, rows }: WorkloadResult): Html => {
    const cells = present.map((peer) => {
      const row = rows.find((candidate) => candidate.peer === peer);
      return html`<td>${row?.compile === undefined || row.first === undefined ? '–' : duration(row.compile + row.first)}</td>`;
    });
    return html`<tr><td class="l name">${title}</td>${cells}</tr>`;
  };
  return html`<section>
<details><summary>Time to the end of the first step</summary>
<p class="note">From the data in memory: building, compiling and one step. Libraries were loaded before.</p>
<div class="scroll"><table class="heat"><thead><tr><th class="l">workload</th>${present.map((peer) => html`<th>${shortName(peer)}</th>`)}</tr></thead><tbody>${workloads.map(line)}</tbody></table></div>
</details></section>`;
}

function extrasSection(result: BenchResult): Html | null {
  const tables = extrasRows(result);
  if (tables.length === 0) return null;
  return html`<section><h2>Memory and sweeps</h2>
<div class="two">${tables.map(({ title, rows }) => html`<div><h3>${title}</h3><div class="scroll"><table><tbody>${rows.map(([first, ...rest]) => html`<tr><td class="l wrap">${first}</td>${rest.map((text) => html`<td>${text}</td>`)}</tr>`)}</tbody></table></div></div>`)}</div>
</section>`;
}

/** The rate that shares refer to, and that of whoever is faster. */
const rateText = (unit: string, ours?: Rate, fastest?: Rate): string =>
  [ours, ...(fastest && fastest.peer !== ours?.peer ? [fastest] : [])]
    .map((rate) => (rate ? `${rate.rate.toPrecision(3)} ${unit} (${shortName(rate.peer)})` : 'not measured'))
    .join('; ');

function machineSection({ machine, versions, rates, peers, command, seconds }: BenchResult): Html {
  const facts: readonly [string, string][] = [
    ['machine', `${machine.cores} cores of ${machine.cpu}, ${machine.memoryGiB} GiB`],
    ['load before the run', machine.load.toFixed(1)],
    ['matrix product', rateText('GFLOP/s', rates.gflops, rates.fastest)],
    ['copy', rateText('GB/s, read and written', rates.copy)],
    ['peers', Object.values(peers).join(', ')],
    [
      'versions',
      Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
    ['time', duration(1000 * seconds)],
  ];
  return html`<section>
<h2>Machine</h2>
<dl>${facts.map(([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>`)}</dl>
<p class="note">To repeat:</p><pre>${command}</pre>
</section>`;
}
