import Table from 'cli-table3';
import type { BenchResult, Rates, Row, Target, WorkloadResult } from './result.ts';

const digits = (x: number, n = 3): string => (x >= 1000 ? Math.round(x).toString() : x.toPrecision(n));

/** Milliseconds in the unit that suits them. */
export function duration(ms: number): string {
  if (ms < 1) return `${digits(ms * 1000)} us`;
  return ms < 1000 ? `${digits(ms)} ms` : `${digits(ms / 1000)} s`;
}

export const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;

/** What is remarkable about a row: why it has no times, that its value is another one or was compared early or not at all. */
export function remark({ agrees, note, after, outcome, ...row }: Row, agreedSteps: number): string {
  const compared =
    agrees === false
      ? `DIFFERS: ${comparedValue({ after, ...row })?.toPrecision(6)} after ${after} steps`
      : after === undefined
        ? outcome === 'measured' && 'value not compared'
        : after < agreedSteps && `compared after ${after} steps`;
  return [compared, note].filter(Boolean).join('; ');
}

/** The value that was compared. */
export const comparedValue = ({ values, after }: Pick<Row, 'values' | 'after'>): number | undefined =>
  after === undefined ? undefined : values?.[after];

/** Less may stay in the caches from one step to the next, and says nothing about memory. */
const bytesBeyondCaches = 2e8;

/** GFLOP/s or GB/s of Thalweg, and their share of what the machine can do. */
export function rateOf({ flops, bytes, product, rows }: WorkloadResult, { gflops, copy }: Rates): string | null {
  const ms = rows.find(({ peer }) => peer === 'thalweg')?.times?.median;
  const [work, best, unit] =
    flops !== undefined ? [flops, (product ?? gflops)?.rate, 'GFLOP/s'] : [bytes, copy?.rate, 'GB/s'];
  if (work === undefined || ms === undefined) return null;
  if (work === bytes && bytes < bytesBeyondCaches) return null;
  const rate = work / ms / 1e6;
  const share = best === undefined ? '' : `, ${Math.round((100 * rate) / best)}% of the machine's ${digits(best)}`;
  return `${digits(rate)} ${unit}${share}`;
}

const style = { head: [], border: [] };

export function workloadTable(workload: WorkloadResult, names: BenchResult['peers']): string {
  const head = [workload.title, 'median', 'min', 'max', 'x Thalweg', 'compile', 'first step', 'value', ''];
  const table = new Table({ head, style });
  for (const row of workload.rows) {
    const { times, compile, first, ratio } = row;
    const value = comparedValue(row);
    if (row.outcome === 'unsupported') continue;
    table.push([
      names[row.peer] ?? row.peer,
      ...(times ? [times.median, times.min, times.max].map(duration) : ['', '', '']),
      ratio === undefined ? '' : digits(ratio),
      ...[compile, first].map((ms) => (ms === undefined ? '' : duration(ms))),
      value === undefined ? '' : value.toPrecision(6),
      remark(row, workload.agreedSteps).slice(0, 60),
    ]);
  }
  const without = workload.rows.filter(({ outcome }) => outcome === 'unsupported');
  const reasons = without.map(({ peer, note }) => `${peer}: ${note}`).join('; ');
  return `${table.toString()}\n${reasons ? `unsupported: ${reasons}\n` : ''}`;
}

/** What was measured beside the matrix, as tables of text. */
export function extrasRows({ memory, sweep, steady, peers }: BenchResult): { title: string; rows: string[][] }[] {
  const tables = [
    {
      title: 'Peak memory of a fresh process',
      rows: memory.map(({ workload, peer, peak, note }) => [
        workload,
        peers[peer] ?? peer,
        peak === undefined ? (note ?? '') : mebibytes(peak),
      ]),
    },
    {
      title: 'Sweep of 16 learning rates, tiny MLP, 200 steps each; the first sweep compiles',
      rows: sweep.map(({ level, way, trialsPerSecond, first, agrees }) => [
        `${level === 'trials' ? 'whole trials' : 'steps alone'} ${way}`,
        `${digits(trialsPerSecond)} trials/s`,
        `first ${duration(1000 * first)}`,
        agrees ? '' : 'DIFFERS',
      ]),
    },
    {
      title: 'Growth of memory over many steps; objects made in one',
      rows: steady.map(({ workload, steps, growth, allocated }) => [
        `${workload}, ${steps} steps`,
        `${(growth / 2 ** 20).toFixed(2)} MiB`,
        `${allocated.toFixed(1)} bytes`,
      ]),
    },
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

export const extrasText = (result: BenchResult): string =>
  extrasRows(result)
    .map(({ title, rows }) => {
      const table = new Table({ head: [title], style });
      table.push(...rows);
      return `${table.toString()}\n`;
    })
    .join('');

export const verdict = ({ met }: Target): string => (met === null ? '–' : met ? 'met' : 'NOT MET');

export function targetsTable(targets: readonly Target[]): string {
  const table = new Table({ head: ['target', '', 'measured'], style });
  for (const target of targets) table.push([target.claim, verdict(target), target.measured]);
  return `${table.toString()}\n`;
}
