import { open } from 'node:fs/promises';
import { type Block, type Cell, isList, type OpenTable } from './table.ts';

/** A field as RFC 4180 wants it: in quotes where it holds a quote, a comma or a line break, quotes inside doubled. Nothing for null. */
export function csvField(cell: Cell): string {
  if (typeof cell !== 'string') return cell === null ? '' : String(cell);
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** The records of a block. Columns that begin it with the same cell in all rows are written out once. */
export function csvText({ rows, columns }: Block): string {
  const firstList = columns.findIndex(isList);
  const same = firstList < 0 ? columns.length : firstList;
  const start = columns.slice(0, same).map((cell) => csvField(cell as Cell));
  const lists = columns.slice(same).map((column) => (isList(column) ? column : new Array<Cell>(rows).fill(column)));
  if (lists.length === 0) return `${start.join(',')}\r\n`.repeat(rows);
  const lead = start.map((field) => `${field},`).join('');
  const [first, ...others] = lists;
  let text = '';
  for (let i = 0; i < rows; i++) {
    text += `${lead}${csvField(first[i])}`;
    for (const list of others) text += `,${csvField(list[i])}`;
    text += '\r\n';
  }
  return text;
}

/** Characters that are held back: fewer, larger writes. */
const heldBack = 2 ** 20;

/** Comma-separated values by RFC 4180, in UTF-8, with a header. Numbers as JavaScript writes them: the shortest that read back the same. */
export const openCsv: OpenTable = async (file, columns) => {
  const handle = await open(file, 'w');
  let waiting = csvText({ rows: 1, columns: columns.map(({ name }) => name) });
  const flush = async (): Promise<void> => {
    const text = waiting;
    waiting = '';
    await handle.writeFile(text);
  };
  return {
    async write(block) {
      waiting += csvText(block);
      if (waiting.length >= heldBack) await flush();
    },
    async close() {
      try {
        await flush();
      } finally {
        await handle.close();
      }
    },
  };
};
