import { Html, html } from '../../src/lab/report/html.ts';
import { duration, remark } from '../print.ts';
import type { BenchResult, Row, WorkloadResult } from '../result.ts';
import { shortName } from './names.ts';

/** How strong the colour of a ratio is: as its logarithm, full at a factor of 30. */
const strength = (ratio: number): number => Math.min(1, Math.abs(Math.log(ratio)) / Math.log(30));

const ratioText = (ratio: number): string => (ratio >= 100 ? Math.round(ratio).toString() : ratio.toPrecision(2));

const words = { failed: 'failed', slow: 'slow', measured: '–' } as const;

function cell(row: Row | undefined, agreedSteps: number): Html {
  if (!row || row.outcome === 'unsupported')
    return html`<td class="none" title="${row?.note ?? 'took no part'}">–</td>`;
  const about = [row.times && duration(row.times.median), remark(row, agreedSteps)].filter(Boolean).join('; ');
  const flag = row.agrees === false ? html`<b class="differs">≠</b>` : null;
  if (row.ratio === undefined) return html`<td class="none" title="${about}">${words[row.outcome]}${flag}</td>`;
  const color = row.ratio >= 1 ? 'var(--good)' : 'var(--bad)';
  const share = Math.round(8 + 62 * strength(row.ratio));
  const paint = new Html(`background:color-mix(in srgb,${color} ${share}%,transparent)`);
  const unsure = row.agrees === undefined ? '?' : '';
  return html`<td style="${paint}" title="${about}">${ratioText(row.ratio)}${unsure}${flag}</td>`;
}

/** Times of all peers over Thalweg's, a row for each workload. */
export function heatTable({ workloads, peers }: BenchResult): Html {
  const others = Object.keys(peers).filter((peer) => !peer.startsWith('thalweg'));
  const line = ({ title, rows, agreedSteps }: WorkloadResult): Html => {
    const ours = rows.find(({ peer }) => peer === 'thalweg')?.times;
    return html`<tr><td class="l name">${title}</td><td>${ours ? duration(ours.median) : '–'}</td>${others.map((peer) =>
      cell(
        rows.find((row) => row.peer === peer),
        agreedSteps,
      ),
    )}</tr>`;
  };
  return html`<div class="scroll"><table class="heat">
<thead><tr><th class="l">workload</th><th>Thalweg</th>${others.map((peer) => html`<th>${shortName(peer)}</th>`)}</tr></thead>
<tbody>${workloads.map(line)}</tbody>
</table></div>`;
}
