import colors from 'picocolors';
import { bareTable } from './bare-table.ts';

export interface TableColumn<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string;
  readonly right?: boolean;
}

/** A table without lines, for a terminal. Columns in which nothing stands are left out. */
export function plainTable<Row>(rows: readonly Row[], columns: readonly TableColumn<Row>[]): string {
  const filled = columns
    .map((column) => ({ ...column, cells: rows.map(column.cell) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''));
  return bareTable(
    rows.map((_, i) => filled.map(({ cells }) => cells[i])),
    {
      head: filled.map(({ head }) => colors.bold(head)),
      colAligns: filled.map(({ right }) => (right ? 'right' : 'left')),
    },
  );
}

/** '2026-03-01 14:25', local time. */
export function clock(iso: string): string {
  const at = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

export const printJson = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
};
