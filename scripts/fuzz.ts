import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import { type Contestant, contestants } from '../src/testing/fuzz/check.ts';
import type { Examined } from '../src/testing/fuzz/examine.ts';
import { opNames } from '../src/testing/fuzz/ops.ts';
import { transforms } from '../src/testing/fuzz/transform.ts';
import type { FromFuzzWorker } from '../src/testing/fuzz/worker.ts';

const usage = `Random programs on every engine, compared with the reference.

  npm run fuzz -- [options]

  --seed N           the first seed; every further program has the next one (default: from the clock)
  --programs N       end after N programs
  --seconds S        end after S seconds (default 60, when --programs is not given)
  --engine a,b       only these of ${contestants.join(', ')}
`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    programs: { type: 'string' },
    seconds: { type: 'string' },
    engine: { type: 'string' },
    help: { type: 'boolean' },
  },
});

function wholeNumber(name: 'seed' | 'programs' | 'seconds', otherwise: number): number {
  const given = values[name];
  if (given === undefined) return otherwise;
  const number = Number(given);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new RangeError(`fuzz: --${name} is '${given}'; it must be a whole number`);
}

function engines(): readonly Contestant[] {
  const wanted = values.engine?.split(',') ?? contestants;
  const unknown = wanted.find((name) => !(contestants as readonly string[]).includes(name));
  if (unknown === undefined) return wanted as Contestant[];
  throw new RangeError(`fuzz: --engine is '${unknown}'; it must be one of ${contestants.join(', ')}`);
}

/** Programs of one process: what it compiled stays with it. */
const programsOfWorker = 200;
/** A worker that says nothing for so long hangs. */
const patience = 120_000;

class Campaign {
  private readonly outcomes = { agrees: 0, untame: 0, found: 0 };
  private readonly counts = new Map<string, number>();
  private readonly began = performance.now();
  private readonly among: readonly Contestant[];
  private next: number;
  private readonly end: number;
  private readonly deadline: number;
  private stopped = false;

  constructor(options: { seed: number; programs: number; seconds: number; among: readonly Contestant[] }) {
    this.among = options.among;
    this.next = options.seed;
    this.end = options.seed + options.programs;
    this.deadline = this.began + 1000 * options.seconds;
  }

  async run(): Promise<void> {
    process.once('SIGINT', () => {
      this.stopped = true;
    });
    while (!this.done) await this.worker();
    this.summary();
  }

  private get done(): boolean {
    return this.stopped || this.next >= this.end || performance.now() > this.deadline;
  }

  /** One process, until it has examined its programs, crashes, hangs, or the time is up. */
  private worker(): Promise<void> {
    const count = Math.min(programsOfWorker, this.end - this.next);
    const file = fileURLToPath(new URL('../src/testing/fuzz/worker.ts', import.meta.url));
    const child = fork(file, [`${this.next}`, `${count}`, this.among.join()], { detached: true });
    let current: number | null = null;
    let hangs = setTimeout(() => child.kill('SIGKILL'), patience);
    child.on('message', (message: FromFuzzWorker) => {
      clearTimeout(hangs);
      hangs = setTimeout(() => child.kill('SIGKILL'), patience);
      if ('began' in message) current = message.began;
      else {
        this.note(message.examined);
        current = null;
        if (this.done) child.kill();
      }
    });
    return new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        clearTimeout(hangs);
        if (current !== null && !this.done) {
          this.found(`seed ${current}: the process ended with ${signal ?? `exit code ${code}`}`);
          this.next = current + 1;
        }
        resolve();
      });
    });
  }

  private note({ seed, transforms: applied, ops, outcome, report }: Examined): void {
    this.next = seed + 1;
    if (report) this.found(report);
    else this.outcomes[outcome]++;
    for (const name of [...ops, ...applied]) this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${this.line()}`);
  }

  private found(report: string): void {
    this.outcomes.found++;
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    process.stdout.write(`${pc.red('found')} ${report}\n`);
  }

  private line(): string {
    const { agrees, untame, found } = this.outcomes;
    const seconds = ((performance.now() - this.began) / 1000).toFixed(0);
    return `seed ${this.next - 1}: ${agrees} programs agree, ${untame} were no test, ${found} found, ${seconds} s`;
  }

  private summary(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    const counted = (names: readonly string[]): string =>
      names.map((name) => `${name} ${this.counts.get(name) ?? 0}`).join(', ');
    process.stdout.write(`programs with each op: ${counted(opNames)}\n`);
    process.stdout.write(`with each transform: ${counted(Object.keys(transforms))}\n`);
    process.stdout.write(`${this.line()}\n`);
    if (this.outcomes.found > 0) process.exitCode = 1;
  }
}

if (values.help) process.stdout.write(usage);
else {
  const programs = wholeNumber('programs', Number.POSITIVE_INFINITY);
  const seconds = wholeNumber('seconds', Number.isFinite(programs) ? Number.POSITIVE_INFINITY : 60);
  const seed = wholeNumber('seed', Math.floor(Date.now() / 1000) * 1000);
  await new Campaign({ seed, programs, seconds, among: engines() }).run();
}
