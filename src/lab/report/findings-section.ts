import type { Finding } from '../protocols/protocol.ts';
import { type Html, html } from './html.ts';
import { card, table } from './table.ts';

/** What the protocol shows beyond the common tables. */
export function findingsSection(findings: readonly Finding[]): Html | null {
  if (findings.length === 0) return null;
  return html`<section id="findings" aria-labelledby="findings-head">
<h2 id="findings-head">What the protocol shows</h2>
<div class="cards">
${findings.map(({ title, note, columns, rows }) =>
  card(
    title,
    note,
    rows.length === 0
      ? html``
      : table<readonly string[]>({
          caption: title,
          columns: columns.map(({ head, align }, i) => ({
            head,
            cell: (row) => row[i] ?? '',
            left: align === 'left',
            names: i === 0,
          })),
          rows,
        }),
    true,
  ),
)}
</div>
</section>`;
}
