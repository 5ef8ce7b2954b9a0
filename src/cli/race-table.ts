import Table from 'cli-table3';
import colors from 'picocolors';
import {
  calls,
  metricEstimate,
  metricName,
  nothing,
  number,
  rank,
  remarks,
  speedUp,
  toTarget,
  values,
} from '../lab/format.ts';
import type { RaceResult } from '../lab/result.ts';
import type { Row } from '../lab/score.ts';

interface Column {
  readonly head: string;
  readonly cell: (row: Row) => string;
  readonly left?: boolean;
}

/** The table of a race for a terminal of this width: one table, several with fewer columns, or none. */
export function resultTables({ rows, protocol }: RaceResult, width: number): string {
  const { metric } = protocol.target;
  const names: Column[] = [
    { head: 'rank', cell: rank, left: true },
    { head: 'optimizer', cell: ({ competitor }) => competitor.label, left: true },
  ];
  const results: Column[] = [
    { head: metricName(protocol).replace(' ', '\n'), cell: (row) => metricEstimate(metric, row.validation) },
    ...(protocol.hasData ? [{ head: `test\n${metric}`, cell: (row: Row) => metricEstimate(metric, row.test) }] : []),
    { head: 'steps to\ntarget', cell: (row) => toTarget(row, 'steps') },
    { head: 'time to\ntarget', cell: (row) => toTarget(row, 'seconds') },
    { head: 'speed-up', cell: speedUp },
  ];
  const costs: Column[] = [
    { head: 'calls\nper step', cell: ({ cost }) => (cost ? calls(cost.calls) : nothing) },
    { head: 'bytes per\nparameter', cell: ({ cost }) => (cost ? number(cost.stateBytesPerParameter) : nothing) },
    { head: 'ms per\nstep', cell: ({ cost }) => (cost ? number(cost.millisecondsPerStep) : nothing) },
  ];
  const settings: Column[] = [
    { head: 'best hyperparameters', cell: ({ best }) => values(best), left: true },
    ...(rows.some((row) => remarks(row).length > 0)
      ? [{ head: 'remarks', cell: (row: Row) => remarks(row).join(', '), left: true }]
      : []),
  ];
  const attempts: Column[][][] = [
    [[...names, ...results, ...costs, ...settings]],
    [
      [...names, ...results, ...costs],
      [...names, ...settings],
    ],
    [
      [...names, ...results],
      [...names, ...costs],
      [...names, ...settings],
    ],
  ];
  const drawn = attempts.map((tables) => tables.map((columns) => draw(rows, columns)));
  const fitting = drawn.find((tables) => tables.every((text) => widthOf(text) <= width));
  return fitting?.join('\n\n') ?? blocks(rows, [...names, ...results, ...costs, ...settings]);
}

/** One line for each value, for terminals that are too narrow for any table. */
const blocks = (rows: readonly Row[], [rankColumn, nameColumn, ...columns]: readonly Column[]): string =>
  rows
    .map((row) => {
      const lines = columns
        .filter(({ cell }) => cell(row) !== '')
        .map(({ head, cell }) => `  ${head.replaceAll('\n', ' ')}: ${cell(row)}`);
      return [colors.bold(`${rankColumn.cell(row)} ${nameColumn.cell(row)}`), ...lines].join('\n');
    })
    .join('\n\n');

function draw(rows: readonly Row[], columns: readonly Column[]): string {
  const table = new Table({
    head: columns.map(({ head }) => colors.bold(head)),
    colAligns: columns.map(({ left }) => (left ? 'left' : 'right')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '',
    },
  });
  for (const row of rows) {
    const paint = row.rank === 1 ? colors.green : (text: string) => text;
    table.push(columns.map(({ cell }) => paint(cell(row))));
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins every colour code.
const plain = (text: string): string => text.replaceAll(/\u001b\[[0-9;]*m/g, '');
const widthOf = (text: string): number => Math.max(...text.split('\n').map((line) => plain(line).length));
