import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { type BenchOptions, runBench } from './bench.ts';
import { peerList, pythonPath } from './peers/list.ts';
import { extrasText, rateOf, targetsTable, workloadTable } from './print.ts';
import { renderPage } from './report/page.ts';
import { isQuick, workloads } from './workloads/list.ts';

// Thalweg beside its peers, in turn in one run: `npm run bench`; `-- --quick` for less of it.

/** What comes after the workloads, and the last of them, takes half a minute at most. */
const quickSeconds = 95;
/** The same for all of it: what comes after takes minutes. */
const allSeconds = 2400;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const names = (list: string): string[] => list.split(',');
const command = new Command('bench')
  .option('--quick', 'fewer rounds and workloads, under 2 minutes')
  .option(
    '--workloads <ids>',
    'only these, separated by commas; a name that ends in * stands for all that begin so',
    names,
  )
  .option('--peers <ids>', 'only these beside thalweg', names)
  .option('--list', 'print the ids of workloads and peers')
  .option('--out <folder>', 'where JSON and page are written')
  .parse();
const options = command.opts<{
  quick?: boolean;
  workloads?: string[];
  peers?: string[];
  list?: boolean;
  out?: string;
}>();

const known = peerList();
if (options.list) {
  print(`workloads\n${workloads.map(({ id, title }) => `  ${id.padEnd(26)} ${title}`).join('\n')}`);
  print(`peers\n  ${known.map(({ id }) => id).join(', ')}`);
  process.exit(0);
}

const fits = (id: string, pattern: string): boolean =>
  pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern;
const refuse = (what: string, given: readonly string[], ids: readonly string[]): void => {
  const unknown = given.find((pattern) => !ids.some((id) => fits(id, pattern)));
  if (unknown !== undefined) command.error(`there is no ${what} '${unknown}'; there are ${ids.join(', ')}`);
};
refuse(
  'workload',
  options.workloads ?? [],
  workloads.map(({ id }) => id),
);
refuse(
  'peer',
  options.peers ?? [],
  known.map(({ id }) => id),
);
const notes = pythonPath()
  ? []
  : ['Without NumPy, PyTorch and JAX: `npm run bench:setup` makes a virtual environment with them.'];
for (const note of notes) print(note);

const controller = new AbortController();
process.once('SIGINT', () => controller.abort());

const chosen: BenchOptions = {
  quick: options.quick ?? false,
  plans: options.workloads
    ? workloads.filter(({ id }) => options.workloads?.some((pattern) => fits(id, pattern)))
    : workloads.filter((plan) => !options.quick || isQuick(plan)),
  peers: known.filter(({ id }) => id === 'thalweg' || !options.peers || options.peers.includes(id)),
  // Who names workloads wants them all.
  limit: options.workloads ? Number.POSITIVE_INFINITY : options.quick ? quickSeconds : allSeconds,
  command: ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' '),
  notes,
  signal: controller.signal,
};

const scratch = mkdtempSync(join(tmpdir(), 'thalweg-bench-'));
const live = process.stderr.isTTY;
const result = await runBench(chosen, scratch, {
  progress: (what) => live && process.stderr.write(`\r\x1b[K${what}`),
  measured: (workload, peers, rates) => {
    if (live) process.stderr.write('\r\x1b[K');
    const rate = rateOf(workload, rates);
    process.stdout.write(`${workloadTable(workload, peers)}${rate ? `Thalweg: ${rate}\n` : ''}`);
  },
}).finally(() => rmSync(scratch, { recursive: true, force: true }));
if (live) process.stderr.write('\r\x1b[K');

process.stdout.write(extrasText(result));
for (const note of result.notes) print(note);
process.stdout.write(targetsTable(result.targets));

const folder = options.out ?? join('reports', `bench-${result.date.slice(0, 19).replaceAll(':', '-')}`);
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'bench.json'), `${JSON.stringify(result, null, 1)}\n`);
writeFileSync(join(folder, 'index.html'), renderPage(result));
print(`${Math.round(result.seconds)} s; ${join(folder, 'index.html')}`);
process.exit(result.interrupted ? 130 : 0);
