import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { describeMachine } from '#lab/machine';
import { loadCast } from '../src/lab/cast.ts';
import type { RacePlan, Trial } from '../src/lab/plan.ts';
import { planRace } from '../src/lab/plan-race.ts';
import { getProtocol } from '../src/lab/protocols/index.ts';
import { readRaceFile } from '../src/lab/race-file.ts';
import { inProcess } from '../src/lab/run/in-process.ts';
import { memoryLedger } from '../src/lab/run/ledger.ts';
import { supervise } from '../src/lab/run/supervisor.ts';
import { openLab } from '../src/lab/store/open.ts';
import { byPort, startNetwork } from '../src/testing/network.ts';
import { type RunningPostgres, startPostgres } from '../src/testing/postgres.ts';

// The promise: a race on several machines ends with the numbers of one that nobody disturbed. Here its workers and its coordinator are
// killed with SIGKILL, and its network is cut.

const found = await startPostgres();
const postgres = found as RunningPostgres;
const because = found.skipped === undefined ? '' : ` (skipped: ${found.skipped})`;
const checkpoints = mkdtempSync(join(tmpdir(), 'thalweg-queue-'));
const main = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts');
const coordinatorFile = join(import.meta.dirname, 'queue-coordinator.ts');

/** Seconds after which the test gives up, and says how things stand. It takes 40 or so. */
const timeLimit = 240;
/** Seconds without its network: longer than a lease lasts. */
const cutFor = 10.5;

/** A process of ours, and what it has printed. */
interface Started {
  readonly said: () => string;
  readonly hasEnded: () => boolean;
  /** Sends a signal and waits for its end: its exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | string>;
}

const all: (Started & { readonly name: string })[] = [];
/** Rejects when nothing good can come any more: a process ended by itself, or the time is up. */
const broken = Promise.withResolvers<never>();
broken.promise.catch(() => {});

afterAll(async () => {
  await Promise.all(all.map(({ end }) => end('SIGKILL')));
  if (found.skipped === undefined) await postgres.stop();
  rmSync(checkpoints, { recursive: true, force: true });
});

/** It may end by itself, with exit code 0, when it `mayEnd`. */
function start(name: string, mayEnd: boolean, ...args: readonly string[]): Started {
  const child = spawn(process.execPath, ['--conditions=thalweg-source', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  let told = false;
  let over = false;
  const ended = new Promise<number | string>((resolve) => {
    child.on('close', (code, signal) => {
      over = true;
      const how = code ?? signal ?? 0;
      if (!told && !(mayEnd && how === 0))
        broken.reject(new Error(`the ${name} ended by itself with ${how}:\n${text}`));
      resolve(how);
    });
  });
  const started = {
    name: `${name} (process ${child.pid})`,
    said: () => text,
    hasEnded: () => over,
    end: (signal: NodeJS.Signals) => {
      told = true;
      child.kill(signal);
      return ended;
    },
  };
  all.push(started);
  return started;
}

const unlessBroken = <T>(work: Promise<T>): Promise<T> => Promise.race([work, broken.promise]);

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await unlessBroken(sleep(20));
}

/** How things stand: the last words of every process, and what is in the queue. */
async function state(): Promise<string> {
  const words = all.map(
    ({ name, said, hasEnded }) => `${name}${hasEnded() ? ', which has ended' : ''}: ${said().slice(-500).trim()}`,
  );
  const jobs = await postgres
    .query('select singleton_key, state, retry_count, started_on, heartbeat_on, now(), output from thalweg_queue.job')
    .catch((error: Error) => [error.message]);
  return [...words, ...jobs.map((job) => JSON.stringify(job))].join('\n');
}

/** Everything about the ends of trials but times and memory. */
const numbersOf = (trials: readonly Trial[]): unknown =>
  JSON.parse(
    JSON.stringify(
      [...trials].sort((a, b) => (a.plan.id < b.plan.id ? -1 : 1)),
      (key, value) =>
        ['seconds', 'wallSeconds', 'compileSeconds', 'millisecondsPerStep', 'peakBytes'].includes(key)
          ? undefined
          : value,
    ),
  );

/** The ends of the trials of a race that runs in this process, and that nobody disturbs. */
async function undisturbed(plan: RacePlan): Promise<readonly Trial[]> {
  const ledger = memoryLedger();
  const runner = inProcess({ plan, cast: await loadCast(plan.module), checkpoints: 'memory:undisturbed' });
  const protocol = getProtocol(plan.protocol.kind);
  const signal = new AbortController().signal;
  await runner.prepare();
  await supervise({ plan, protocol, runner, ledger, folders: null, signal, onEvent: () => {} });
  await runner.close();
  return ledger.ended();
}

describe.skipIf(found.skipped !== undefined)(`a race on a queue${because}`, () => {
  it('whose workers and coordinator are killed, and whose network is cut, ends as if nothing had been', {
    timeout: 1000 * (timeLimit + 10),
  }, async () => {
    const { plan } = await planRace(await readRaceFile(join(import.meta.dirname, 'queue-race.ts')));
    const lab = await openLab(postgres.address);
    const race = await lab.create(plan, { machine: describeMachine(), command: null });
    const network = await startNetwork(postgres.port);
    const address = byPort(postgres.address, network.port);
    const alarm = setTimeout(async () => {
      broken.reject(new Error(`not over after ${timeLimit} s\n${await state()}`));
    }, 1000 * timeLimit);
    onTestFinished(async () => {
      clearTimeout(alarm);
      await network.close();
      await lab.close();
    });

    const coordinate = () => start('coordinator', true, coordinatorFile, address, race);
    const command = [main, 'worker', '--queue', address, '--jobs', '1', '--json', '--checkpoints'];
    const work = (host: number) => start('worker', false, ...command, join(checkpoints, String(host)));
    let coordinator = coordinate();
    const workers = [0, 1, 2].map(work);
    const isOver = () => coordinator.hasEnded();
    const isRunning = ({ said }: Started) =>
      said()
        .match(/"type":"(started|ended|left)"/g)
        ?.at(-1) === '"type":"started"';
    const kills = { workers: 0, coordinator: 0, cuts: 0 };
    const kill = async (host: number) => {
      await workers[host].end('SIGKILL');
      workers[host] = work(host);
      kills.workers++;
    };
    const anyHost = () => Math.floor(3 * Math.random());
    const killOneThatRuns = async () => {
      const host = anyHost();
      await until(() => isOver() || isRunning(workers[host]));
      await sleep(500 * Math.random());
      if (!isOver()) await kill(host);
    };

    await killOneThatRuns();
    await killOneThatRuns();
    await coordinator.end('SIGKILL');
    coordinator = coordinate();
    kills.coordinator++;
    await killOneThatRuns();
    // One that finds no database when it opens the lab takes the address for a wrong one.
    await until(() => isOver() || coordinator.said().includes('coordinates'));
    network.cut();
    kills.cuts++;
    const killOne = sleep(1000 * cutFor * Math.random()).then(() => kill(anyHost()));
    const [expected] = await unlessBroken(Promise.all([undisturbed(plan), sleep(1000 * cutFor), killOne]));
    network.mend();
    await sleep(500 * Math.random());
    await kill(anyHost());
    await until(isOver);
    // One that has only begun to load does not hear it.
    await until(() => workers.every(({ said }) => said().includes('"type":"ready"')));
    const ends = await unlessBroken(Promise.all(workers.map(({ end }) => end('SIGTERM'))));
    expect(ends).toEqual([143, 143, 143]);

    const trials = await lab.trials(race);
    const attempts = (await lab.summaries(race)).map((summary) => summary.attempts);
    const ended = all.flatMap(({ said }) => said().match(/"type":"ended"/g) ?? []).length;
    const again = attempts.filter((count) => count > 1).length;
    process.stdout.write(
      `${kills.workers} workers and ${kills.coordinator} coordinator killed, ${kills.cuts} cut of the network: ${trials.length} trials, ${again} of them run again, ${ended} ends told\n`,
    );
    expect(numbersOf(trials)).toEqual(numbersOf(expected));
    expect(trials.every(({ outcome }) => outcome.status === 'finished')).toBe(true);
    expect(kills.workers).toBeGreaterThanOrEqual(3);
    expect((await lab.find(race)).status).toBe('finished');
  });
});
