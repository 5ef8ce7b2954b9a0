import colors from 'picocolors';
import type { AcrossRow, Row, TaskScore } from '../lab/analysis/score-types.ts';
import {
  bytes,
  calls,
  isShare,
  meanRank,
  metricDifference,
  metricEstimate,
  metricName,
  nothing,
  number,
  probability,
  rank,
  remarks,
  score,
  speedUp,
  toTarget,
  values,
} from '../lab/format.ts';
import type { Finding } from '../lab/protocols/protocol.ts';
import type { RaceResult } from '../lab/result.ts';
import { bareTable, gap } from './bare-table.ts';

interface Column<R> {
  readonly head: string;
  readonly cell: (row: R) => string;
  readonly left?: boolean;
}

/** Columns that stay together; the first group is repeated in every table. */
type Groups<R> = readonly [names: readonly Column<R>[], ...others: readonly (readonly Column<R>[])[]];

/** The tables of a race for a terminal of this width: over all tasks, of each task, then what its protocol shows beyond these. */
export function resultTables({ tasks, across, findings }: RaceResult, width: number): string {
  const first =
    across === null
      ? []
      : [`${colors.bold(`Across ${tasks.length} tasks`)}\n\n${acrossTable(across.rows, tasks.length, width)}`];
  const others = tasks.map((task) => {
    const text = taskTable(task, width);
    return tasks.length === 1 ? text : `${colors.bold(task.task.label)}: ${task.headline}\n\n${text}`;
  });
  return [...first, ...others, ...findings.map((finding) => findingTable(finding, width))].join('\n\n');
}

function acrossTable(rows: readonly AcrossRow[], tasks: number, width: number): string {
  const names: Column<AcrossRow>[] = [{ head: 'optimizer', cell: ({ competitor }) => competitor, left: true }];
  const ranks: Column<AcrossRow>[] = [
    { head: 'mean rank\n(95% interval)', cell: meanRank },
    { head: 'probability\nof best', cell: ({ best }) => probability(best) },
    { head: 'first\n(or tied)', cell: ({ firsts }) => `${firsts} of ${tasks}` },
  ];
  const scores: Column<AcrossRow>[] = [
    { head: 'AlgoPerf\nin steps', cell: (row) => score(row.score) },
    { head: 'AlgoPerf\nin seconds', cell: (row) => score(row.scoreSeconds) },
    { head: 'Nash\naverage', cell: ({ nash }) => score(nash) },
  ];
  return layOut(rows, [names, ranks, scores], width, () => false);
}

/** Its note, which explains the columns, is in the report. */
function findingTable({ title, columns, rows }: Finding, width: number): string {
  const [name, ...others] = columns.map(
    ({ head, align }, i): Column<readonly string[]> => ({ head, cell: (row) => row[i] ?? '', left: align === 'left' }),
  );
  const table = layOut(rows, [[name], ...others.map((column) => [column])], width, () => false);
  return `${colors.bold(title)}\n\n${table}`;
}

function taskTable({ task, rows }: TaskScore, width: number): string {
  const { metric } = task.target;
  const names: Column<Row>[] = [
    { head: 'rank', cell: rank, left: true },
    { head: 'optimizer', cell: ({ competitor }) => competitor.label, left: true },
  ];
  const results: Column<Row>[] = [
    { head: metricName(task).replace(' ', '\n'), cell: (row) => metricEstimate(metric, row.validation) },
    {
      head: `behind first\n${isShare(metric) ? '(points)' : ''}`.trimEnd(),
      cell: (row) => metricDifference(metric, row.behind),
    },
    { head: 'prob.\nof best', cell: (row) => probability(row.probabilityBest) },
    ...(task.hasData ? [{ head: `test\n${metric}`, cell: (row: Row) => metricEstimate(metric, row.test) }] : []),
  ];
  const target: Column<Row>[] = [
    { head: 'steps to\ntarget', cell: (row) => toTarget(row, 'steps') },
    { head: 'time to\ntarget', cell: (row) => toTarget(row, 'seconds') },
    { head: 'speed-up', cell: speedUp },
  ];
  const costs: Column<Row>[] = [
    { head: 'calls\nper step', cell: ({ cost }) => (cost ? calls(cost.calls) : nothing) },
    { head: 'bytes per\nparameter', cell: ({ cost }) => (cost ? number(cost.stateBytesPerParameter) : nothing) },
    { head: 'ms per\nstep', cell: ({ cost }) => (cost ? number(cost.millisecondsPerStep) : nothing) },
    { head: 'peak\nmemory', cell: ({ cost }) => (cost ? bytes(cost.peakBytes) : nothing) },
  ];
  const settings: Column<Row>[] = [{ head: 'best hyperparameters', cell: ({ best }) => values(best), left: true }];
  const others: Column<Row>[] = [
    ...(rows.some((row) => remarks(row).length > 0)
      ? [{ head: 'remarks', cell: (row: Row) => remarks(row).join(', '), left: true }]
      : []),
  ];
  return layOut(rows, [names, results, target, costs, settings, others], width, (row) => row.rank === 1);
}

/**
 * As few tables as fit into the width, each with the names and as many of the groups as there is room for. A group that no table has
 * room for is a list; so is everything where even the first group is too wide.
 */
function layOut<R>(
  rows: readonly R[],
  [names, ...groups]: Groups<R>,
  width: number,
  isFirst: (row: R) => boolean,
): string {
  const tables: Column<R>[][] = [];
  const lists: string[] = [];
  const widths = new Map([names, ...groups].flat().map((column) => [column, widthOf(column, rows)]));
  const fits = (columns: readonly Column<R>[]): boolean =>
    columns.reduce((sum, column) => sum + (widths.get(column) ?? 0), gap * (columns.length - 1)) <= width;
  for (const group of groups) {
    const last = tables.at(-1);
    if (last && fits([...last, ...group])) last.push(...group);
    else if (fits([...names, ...group])) tables.push([...names, ...group]);
    else if (tables.length > 0) lists.push(list(rows, names, group));
    else return list(rows, names, groups.flat());
  }
  return [...tables.map((columns) => draw(rows, columns, isFirst)), ...lists].join('\n\n');
}

const widthOf = <R>({ head, cell }: Column<R>, rows: readonly R[]): number =>
  Math.max(...[head, ...rows.map(cell)].flatMap((text) => text.split('\n').map(({ length }) => length)));

/** One line for each value, for terminals that are too narrow for a table. */
const list = <R>(rows: readonly R[], names: readonly Column<R>[], columns: readonly Column<R>[]): string =>
  rows
    .map((row) => {
      const lines = columns
        .filter(({ cell }) => cell(row) !== '')
        .map(({ head, cell }) => `  ${head.replaceAll('\n', ' ')}: ${cell(row)}`);
      return [colors.bold(names.map(({ cell }) => cell(row)).join(' ')), ...lines].join('\n');
    })
    .join('\n\n');

function draw<R>(rows: readonly R[], columns: readonly Column<R>[], isFirst: (row: R) => boolean): string {
  return bareTable(
    rows.map((row) => {
      const paint = isFirst(row) ? colors.green : (text: string) => text;
      return columns.map(({ cell }) => paint(cell(row)));
    }),
    {
      head: columns.map(({ head }) => colors.bold(head)),
      colAligns: columns.map(({ left }) => (left ? 'left' : 'right')),
    },
  );
}
