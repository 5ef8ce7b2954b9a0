import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import pc from 'picocolors';
import { duration, number } from '../src/lab/format.ts';
import { describeMachine } from '../src/lab/machine.ts';
import { defaultJobs } from '../src/lab/run/worker-pool.ts';
import {
  answers,
  isFine,
  secondsLeft,
  type ZooEntry,
  type ZooResult,
  type ZooRow,
  type ZooTask,
  zooEntries,
  zooPage,
  zooProtocol,
  zooRow,
  zooTasks,
} from '../src/lab/zoo.ts';
import type { ZooQuestion } from './zoo/worker.ts';

const usage = `Does every method learn? A short run of the whole registry on ${zooTasks.map(({ id }) => id).join(' and ')}.

  npm run zoo -- [options] [names]

  names              only entries whose name contains one of these
  --fresh            run again what has a result in reports/zoo
  --jobs N           processes at once (default: one for each core)
  --patience S       seconds that an entry may take on a task (default 120)
  --write            write the table to docs/zoo.md

Ctrl-C keeps what was done. The exit code is 1 when an entry neither learns nor has a documented reason.
`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    fresh: { type: 'boolean', default: false },
    jobs: { type: 'string' },
    patience: { type: 'string' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function positive(name: 'jobs' | 'patience', otherwise: number): number {
  const given = Number(options[name] ?? otherwise);
  if (Number.isFinite(given) && given >= 1) return Math.floor(given);
  throw new RangeError(`zoo: --${name} is '${options[name]}'; it must be a number from 1`);
}

const root = join(import.meta.dirname, '..');

interface Job {
  readonly entry: ZooEntry;
  readonly task: ZooTask;
}

const fileOf = ({ entry, task }: Job): string =>
  join(root, 'reports', 'zoo', task.id, `${entry.name.replaceAll('(', '--').replaceAll(')', '')}.json`);

function stored(job: Job): ZooResult | null {
  const file = fileOf(job);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ZooResult) : null;
}

function store(job: Job, result: ZooResult): void {
  const file = fileOf(job);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(`${file}.tmp`, `${JSON.stringify(result, null, 1)}\n`);
  renameSync(`${file}.tmp`, file);
}

/** Runs jobs in processes that are replaced when they crash or take too long. */
class Keepers {
  readonly results = new Map<Job, ZooResult>();
  private readonly queue: Job[];
  private readonly jobs: number;
  private readonly patience: number;
  private readonly seconds: number[] = [];
  private readonly began = performance.now();
  private readonly children = new Set<ChildProcess>();
  stopped = false;

  constructor(queue: readonly Job[], jobs: number, patience: number) {
    this.queue = [...queue];
    this.jobs = jobs;
    this.patience = patience;
  }

  async run(): Promise<void> {
    const stop = () => {
      this.stopped = true;
      for (const child of this.children) child.kill('SIGKILL');
    };
    process.once('SIGINT', stop);
    await Promise.all(Array.from({ length: Math.min(this.jobs, this.queue.length) }, () => this.lane()));
    process.off('SIGINT', stop);
  }

  private async lane(): Promise<void> {
    let child: ChildProcess | null = null;
    for (let job = this.queue.shift(); job && !this.stopped; job = this.queue.shift()) {
      child ??= this.started();
      const result = await this.ask(child, job);
      if (this.stopped) break;
      if (child.exitCode !== null || child.signalCode !== null) child = null;
      store(job, result);
      this.results.set(job, result);
      this.seconds.push(result.seconds);
      this.tell(job, result);
    }
    child?.kill();
  }

  private started(): ChildProcess {
    const child = fork(join(import.meta.dirname, 'zoo', 'worker.ts'), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.children.add(child);
    child.once('exit', () => this.children.delete(child));
    return child;
  }

  private ask(child: ChildProcess, { entry, task }: Job): Promise<ZooResult> {
    const began = performance.now();
    const question: ZooQuestion = { name: entry.name, task: task.id };
    return new Promise((resolve) => {
      const failed = (error: string) =>
        resolve({
          name: entry.name,
          task: task.id,
          fixed: entry.fixed,
          protocol: zooProtocol,
          trials: [],
          millisecondsPerStep: null,
          seconds: (performance.now() - began) / 1000,
          error,
        });
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        child.kill('SIGKILL');
      }, 1000 * this.patience);
      const died = (code: number | null, signal: string | null) => {
        clearTimeout(timer);
        failed(
          late
            ? `took more than ${duration(this.patience)}`
            : `its process ended with ${signal ?? `exit code ${code}`}`,
        );
      };
      child.once('exit', died);
      child.once('message', (result: ZooResult) => {
        clearTimeout(timer);
        child.off('exit', died);
        resolve(result);
      });
      child.send(question);
    });
  }

  private tell({ entry, task }: Job, result: ZooResult): void {
    const row = zooRow(entry, task, result);
    const left = secondsLeft(this.seconds, this.queue.length, this.jobs);
    const elapsed = (performance.now() - this.began) / 1000;
    const paint = isFine(row) ? pc.green : pc.red;
    const loss = Number.isFinite(row.best) ? ` best loss ${number(row.best)},` : '';
    process.stderr.write(
      `${pc.dim(`[${duration(elapsed)}, ~${duration(left)} left]`)} ${task.id} ${entry.name}:${loss} ${paint(row.verdict)}${row.remark ? `: ${row.remark}` : ''}\n`,
    );
  }
}

const columns = ['best loss', 'median', 'diverged', 'ms per step', ''];

function printed(task: ZooTask, rows: readonly ZooRow[]): string {
  const table = new Table({
    head: [`${task.id} (bar ${task.learned})`, ...columns],
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) {
    const { name, best, median, trials, diverged, millisecondsPerStep, verdict, remark } = row;
    const outcome = isFine(row) ? verdict : pc.red(remark ? `${verdict}: ${remark.slice(0, 60)}` : verdict);
    table.push([
      name,
      number(best),
      number(median),
      `${diverged} of ${trials}`,
      number(millisecondsPerStep ?? Number.NaN),
      outcome,
    ]);
  }
  return table.toString();
}

async function main(): Promise<void> {
  const wanted = zooEntries().filter(
    ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
  );
  if (wanted.length === 0) throw new RangeError(`zoo: no entry's name contains ${positionals.join(' or ')}`);
  if (options.write && positionals.length > 0) throw new RangeError('zoo: --write is for the whole zoo, without names');
  const jobs = zooTasks.flatMap((task) => wanted.map((entry): Job => ({ entry, task })));
  const known = new Map<Job, ZooResult>();
  for (const job of jobs) {
    const result = options.fresh ? null : stored(job);
    if (result && answers(job.entry, result)) known.set(job, result);
  }
  const open = jobs.filter((job) => !known.has(job));
  process.stderr.write(`${jobs.length} runs, ${known.size} of them known from reports/zoo\n`);
  const keepers = new Keepers(open, positive('jobs', defaultJobs()), positive('patience', 120));
  await keepers.run();
  for (const [job, result] of keepers.results) known.set(job, result);

  const sections = zooTasks.map((task) => ({
    task,
    rows: jobs.flatMap((job) => {
      const result = job.task === task ? known.get(job) : undefined;
      return result ? [zooRow(job.entry, task, result)] : [];
    }),
  }));
  for (const { task, rows } of sections) process.stdout.write(`${printed(task, rows)}\n`);
  const wrong = sections.flatMap(({ task, rows }) =>
    rows.filter((row) => !isFine(row)).map((row) => `${row.name} on ${task.id}: ${row.verdict}`),
  );
  for (const line of wrong) process.stdout.write(`${pc.red(line)}\n`);
  if (wrong.length > 0) process.exitCode = 1;
  if (keepers.stopped) {
    process.stdout.write(`interrupted: ${jobs.length - known.size} runs are left; the same command goes on\n`);
    process.exitCode = 130;
    return;
  }
  if (!options.write) return;
  const seconds = [...known.values()].reduce((sum, result) => sum + result.seconds, 0);
  const { cpu, cores } = describeMachine();
  writeFileSync(join(root, 'docs', 'zoo.md'), zooPage(sections, `${cores} cores of ${cpu}`, seconds));
  process.stdout.write('wrote docs/zoo.md\n');
}

if (options.help) process.stdout.write(usage);
else await main();
