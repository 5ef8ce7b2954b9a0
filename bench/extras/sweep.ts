import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import type { SweepRow } from '../result.ts';
import { agrees, summarize } from '../statistics.ts';
import { type Run, rates, type Ways } from './sweep-plan.ts';
import { stepWays } from './sweep-steps.ts';
import { trialWays } from './sweep-trials.ts';

// Trials per second of a sweep of learning rates on an MLP, four ways, each as whole trials and as steps alone:
// sweep.ts <workload.json> <rounds>. Prints one JSON line.

const [path, argument] = process.argv.slice(2);
const cores = availableParallelism();
const levels = ['trials', 'steps'] as const satisfies readonly SweepRow['level'][];
const waysOf: Readonly<Record<SweepRow['level'], () => Ways>> = { trials: trialWays, steps: () => stepWays(path) };

/** What a worker process is asked. */
interface Share {
  readonly level: SweepRow['level'];
  readonly way: keyof Ways;
  readonly rates: readonly number[];
}

let started: Promise<readonly ChildProcess[]> | undefined;

/** One for each core. */
async function start(): Promise<readonly ChildProcess[]> {
  const children = Array.from({ length: cores }, () => fork(import.meta.filename, [path, 'worker']));
  await Promise.all(children.map((child) => once(child, 'message')));
  return children;
}

/** Processes that are started once and then get their share of the trials, as a race does it. */
async function processes(level: SweepRow['level'], way: keyof Ways): Promise<Run> {
  started ??= start();
  const children = await started;
  return async (all) => {
    const shares = children.map((child, i) => {
      const answer = once(child, 'message') as Promise<[number[]]>;
      child.send({ level, way, rates: all.filter((_, k) => k % cores === i) } satisfies Share);
      return answer;
    });
    const found = (await Promise.all(shares)).map(([losses]) => losses);
    return all.map((_, k) => found[k % cores][Math.floor(k / cores)]);
  };
}

/** A way and what was measured of it. */
interface Measured extends Pick<SweepRow, 'level' | 'way'> {
  readonly run: Run;
  readonly losses: readonly number[];
  /** Seconds of the first sweep, which compiles, and of the others. */
  readonly first: number;
  readonly times: number[];
}

async function timed(run: Run): Promise<{ losses: readonly number[]; seconds: number }> {
  const begin = performance.now();
  const losses = await run(rates);
  return { losses, seconds: (performance.now() - begin) / 1000 };
}

async function main(rounds: number): Promise<SweepRow[]> {
  const all: Measured[] = [];
  for (const level of levels) {
    const ways = waysOf[level]();
    const runs: readonly [string, () => Promise<Run>][] = [
      ['one after another', () => ways.each(cores)],
      [`in ${cores} worker processes`, () => processes(level, 'each')],
      ['as one vmapped program', () => ways.together(cores, rates.length)],
      [`as one in each of ${cores} worker processes`, () => processes(level, 'together')],
    ];
    for (const [way, begin] of runs) {
      const run = await begin();
      const { losses, seconds } = await timed(run);
      all.push({ level, way, run, losses, first: seconds, times: [] });
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const { run, times } of all) times.push((await timed(run)).seconds);
  }
  return all.map(({ level, way, losses, first, times }) => {
    const alone = all.find((other) => other.level === level) as Measured;
    const agree = losses.every((loss, k) => agrees('mlp', loss, alone.losses[k]));
    return { level, way, trialsPerSecond: rates.length / summarize(times).median, first, agrees: agree };
  });
}

if (argument === 'worker') {
  const begun = new Map<string, Promise<Run>>();
  const begin = ({ level, way, rates: { length } }: Share): Promise<Run> => {
    const ways = waysOf[level]();
    return way === 'each' ? ways.each(1) : ways.together(1, length);
  };
  process.on('message', async (share: Share) => {
    const key = `${share.level} ${share.way}`;
    const run = begun.get(key) ?? begin(share);
    begun.set(key, run);
    process.send?.(await (await run)(share.rates));
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.('ready');
} else {
  process.stdout.write(`${JSON.stringify(await main(Number(argument)))}\n`);
  process.exit(0);
}
