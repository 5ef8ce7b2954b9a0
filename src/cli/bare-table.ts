import Table from 'cli-table3';

const lines = [
  'top',
  'top-mid',
  'top-left',
  'top-right',
  'bottom',
  'bottom-mid',
  'bottom-left',
  'bottom-right',
] as const;
const rules = ['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'] as const;
const none = Object.fromEntries([...lines, ...rules].map((name) => [name, '']));

/** Spaces between columns. */
export const gap = 2;

/** A table without lines, for a terminal. */
export function bareTable(
  rows: readonly (readonly string[])[],
  options: Pick<Table.TableConstructorOptions, 'head' | 'colAligns' | 'colWidths' | 'wordWrap'>,
): string {
  const style = { head: [], border: [], 'padding-left': 0, 'padding-right': gap };
  const table = new Table({ ...options, style, chars: none });
  for (const row of rows) table.push([...row]);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
