import Table from 'cli-table3';
import colors from 'picocolors';

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
  const none = '';
  const table = new Table({
    head: filled.map(({ head }) => colors.bold(head)),
    colAligns: filled.map(({ right }) => (right ? 'right' : 'left')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: {
      top: none,
      'top-mid': none,
      'top-left': none,
      'top-right': none,
      bottom: none,
      'bottom-mid': none,
      'bottom-left': none,
      'bottom-right': none,
      left: none,
      'left-mid': none,
      mid: none,
      'mid-mid': none,
      right: none,
      'right-mid': none,
      middle: none,
    },
  });
  rows.forEach((_, i) => {
    table.push(filled.map(({ cells }) => cells[i]));
  });
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
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
