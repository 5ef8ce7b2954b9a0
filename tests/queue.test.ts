import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { describeMachine } from '#lab/machine';
import { loadCast } from '../src/lab/cast.ts';
import type { Trial } from '../src/lab/plan.ts';
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
const children = new Set<ChildProcess>();

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  (await found.skipped) ?? postgres.stop();
  rmSync(checkpoints, { recursive: true, force: true });
});

/** A process of ours, and what it has printed. */
interface Started {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<number | string>;
}

function start(...args: readonly string[]): Started {
  const child = spawn(process.execPath, ['--conditions=thalweg-source', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const ended = new Promise<number | string>((resolve) => {
    child.on('close', (code, signal) => {
      children.delete(child);
      resolve(code ?? signal ?? 0);
    });
  });
  return { child, said: () => text, ended };
}

const main = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts');
const coordinatorFile = join(import.meta.dirname, 'queue-coordinator.ts');

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

describe.skipIf(found.skipped !== undefined)(`a race on a queue${because}`, () => {
  it('whose workers and coordinator are killed, and whose network is cut, ends as if nothing had been', {
    timeout: 360_000,
  }, async () => {
    const { plan } = await planRace(await readRaceFile(join(import.meta.dirname, 'queue-race.ts')));
    const protocol = getProtocol(plan.protocol.kind);
    const never = new AbortController().signal;
    const undisturbed = memoryLedger();
    const alone = inProcess({ plan, cast: await loadCast(plan.module), checkpoints: 'memory:undisturbed' });
    await alone.prepare();
    await supervise({
      plan,
      protocol,
      runner: alone,
      ledger: undisturbed,
      folders: null,
      signal: never,
      onEvent: () => {},
    });
    const expected = await undisturbed.ended();

    const lab = await openLab(postgres.address);
    const race = await lab.create(plan, { machine: describeMachine(), command: null });
    const network = await startNetwork(postgres.port);
    const address = byPort(postgres.address, network.port);
    const finished = Promise.withResolvers<void>();
    const coordinate = () => {
      const started = start(coordinatorFile, address, race);
      void started.ended.then((how) => {
        if (how === 0) finished.resolve();
        else if (how !== 'SIGKILL') finished.reject(new Error(`the coordinator ended with ${how}: ${started.said()}`));
      });
      return started;
    };
    const work = (host: number) =>
      start(
        main,
        'worker',
        '--queue',
        address,
        '--jobs',
        '1',
        '--checkpoints',
        join(checkpoints, String(host)),
        '--json',
      );

    let coordinator = coordinate();
    const workers = [0, 1, 2].map(work);
    const all = [...workers];
    const kills = { workers: 0, coordinator: 0, cuts: 0 };
    let over = false;
    const ending = finished.promise.then(() => {
      over = true;
    });
    const disturb = [
      async () => {
        coordinator.child.kill('SIGKILL');
        await coordinator.ended;
        coordinator = coordinate();
        kills.coordinator++;
      },
      async () => {
        network.cut();
        // Longer than a lease lasts.
        await sleep(12_000);
        network.mend();
        kills.cuts++;
      },
    ];
    const isRunning = ({ said }: Started) => /"type":"started"[^\n]*\n$/.test(said());
    for (let turn = 0; turn < 6; turn++) {
      const host = Math.floor(3 * Math.random());
      while (!over && !isRunning(workers[host])) await sleep(20);
      await Promise.race([ending, sleep(500 * Math.random())]);
      if (over) break;
      if (turn === 2 || turn === 4) await disturb[turn / 2 - 1]();
      workers[host].child.kill('SIGKILL');
      await workers[host].ended;
      workers[host] = work(host);
      all.push(workers[host]);
      kills.workers++;
    }
    await ending;
    for (const { child } of workers) child.kill('SIGTERM');
    expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual([143, 143, 143]);

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
    await lab.close();
    await network.close();
  });
});
