import { open } from 'node:fs/promises';
import type { Cell, OpenTable } from './table.ts';

/** A field as RFC 4180 wants it: in quotes where it holds a quote, a comma or a line break, quotes inside doubled. Nothing for null. */
export function csvField(cell: Cell): string {
  if (typeof cell !== 'string') return cell === null ? '' : String(cell);
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

export const csvLine = (cells: readonly Cell[]): string => `${cells.map(csvField).join(',')}\r\n`;

/** Comma-separated values by RFC 4180, in UTF-8, with a header. Numbers as JavaScript writes them: the shortest that read back the same. */
export const openCsv: OpenTable = async (file, columns) => {
  const handle = await open(file, 'w');
  await handle.write(csvLine(columns.map(({ name }) => name)));
  return {
    write: async (rows) => void (await handle.write(rows.map(csvLine).join(''))),
    close: () => handle.close(),
  };
};
