import { Html, html, type Part } from './html.ts';

export interface Column<Row> {
  readonly head: Part;
  readonly cell: (row: Row) => Part;
  /** Text starts at the left, numbers end at the right. */
  readonly left?: boolean;
  /** Names its row; one column does. */
  readonly names?: boolean;
  readonly style?: string;
}

interface Options<Row> {
  /** What the table holds, for those who do not see the page around it. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowStyle?: (row: Row) => string | null;
}

const classes = (names: readonly (string | undefined | false)[]): Html | null => {
  const given = names.filter((name) => name);
  return given.length === 0 ? null : html` class="${given.join(' ')}"`;
};

/** A table in a box of its own that scrolls sideways where it is wider than the page. */
export function table<Row>({ caption, columns, rows, rowStyle }: Options<Row>): Html {
  const head = columns.map(({ head: text, left }) => html`<th scope="col"${classes([left && 'l'])}>${text}</th>`);
  // What is the same in all rows is made once.
  const frames = columns.map(({ left, names, style }) =>
    names
      ? { start: html`<th scope="row"${classes(['name', left && 'l', style])}>`, end: new Html('</th>') }
      : { start: html`<td${classes([left && 'l', style])}>`, end: new Html('</td>') },
  );
  const body = rows.map((row) => {
    const cells = columns.map(({ cell }, i) => [frames[i].start, cell(row), frames[i].end]);
    return html`<tr${classes([rowStyle?.(row) ?? undefined])}>${cells}</tr>\n`;
  });
  return html`<div class="scroll" role="group" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody></table></div>`;
}

/** What a reader may open: the numbers behind a picture, say. */
export const details = (summary: Part, content: Part): Html =>
  html`<details><summary>${summary}</summary>${content}</details>`;

/** A part of the page with a heading of the third level; null where it has nothing to show. */
export function card(
  title: string,
  note: Part,
  content: Html | readonly (Html | null)[] | null,
  wide = false,
): Html | null {
  const parts = Array.isArray(content) ? content.filter((part) => part !== null) : content;
  if (parts === null || (Array.isArray(parts) && parts.length === 0)) return null;
  return html`<div class="card${wide ? ' full' : ''}"><h3>${title}</h3>
${note === null || note === '' ? null : html`<p class="note">${note}</p>`}
${parts}</div>`;
}

/** '2.05% ± 0.11' with the interval set back. */
export function withInterval(text: string): Html {
  const [center, interval] = text.split(' ± ');
  return html`${center}${interval === undefined ? null : html` <span class="pm">± ${interval}</span>`}`;
}
