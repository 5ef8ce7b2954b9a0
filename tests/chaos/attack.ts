import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openLab } from '#lab/store/open';
import { describeMachine } from '../../src/lab/machine.ts';
import type { RaceEvent } from '../../src/lab/plan.ts';
import { planRace } from '../../src/lab/plan-race.ts';
import { race } from '../../src/lab/race.ts';
import { CheckpointFolders } from '../../src/lab/run/checkpoint-folders.ts';
import { fillRandom } from '../../src/runtime/random.ts';
import { damage, newest } from './damage.ts';
import type { Disk } from './disk.ts';
import { differences, numbersOf } from './numbers.ts';
import { until } from './processes.ts';
import { type RaceName, races } from './races.ts';
import { Run } from './run.ts';

/** What is done to a race, and how often in comparison. */
const weights = {
  /** kill -9 of a worker. */
  worker: 5,
  /** kill -9 of the parent; its workers end by themselves. */
  parent: 3,
  /** kill -9 of all at once. */
  everything: 3,
  /** kill -9 of all, and the last checkpoint of some trial is damaged. */
  damage: 2,
  /** There is no space on the disk for a while. */
  disk: 1,
  /** Another process tries to run the same race. */
  second: 1,
  /** A worker is stopped (SIGSTOP), and is killed for giving no sign of life. */
  freeze: 1,
  /** Ctrl-C. */
  interrupt: 1,
} as const;

export type Fault = keyof typeof weights;
export const faults = Object.keys(weights) as Fault[];
/** Those that end with kill -9. */
const killing: readonly Fault[] = ['worker', 'parent', 'everything', 'damage', 'freeze'];

export type Counts = Readonly<Record<Fault, number>>;
export const noFaults = (): Record<Fault, number> =>
  Object.fromEntries(faults.map((fault) => [fault, 0])) as Record<Fault, number>;
export const killsOf = (counts: Counts): number => killing.reduce((sum, fault) => sum + counts[fault], 0);

/** Numbers in [0, 1) that follow from a seed. */
export function drawsOf(seed: number): () => number {
  let step = 0;
  const drawn = new Float64Array(1);
  return () => {
    fillRandom(drawn, 'uniform', { seed, stream: 'chaos', step: step++ });
    return drawn[0];
  };
}

/** A race that nobody disturbs. */
export interface Calm {
  /** What it comes to. */
  readonly numbers: readonly string[];
  /** Seconds for which a process may be silent on this machine, as busy as it is, without being taken for hung. */
  readonly hangSeconds: number;
}

export async function undisturbed(name: RaceName, folder: string): Promise<Calm> {
  const began = performance.now();
  let first: number | undefined;
  const onEvent = ({ type }: RaceEvent) => {
    if (type === 'progress' || type === 'ended') first ??= (performance.now() - began) / 1000;
  };
  const result = await race({ ...races[name], lab: join(folder, 'undisturbed.sqlite'), jobs: 2, onEvent });
  // To its first steps a process loads and compiles: longer than that it is never silent later.
  return { numbers: numbersOf(result), hangSeconds: Math.max(2, 2 * (first as number)) };
}

export interface Attack {
  readonly race: RaceName;
  readonly calm: Calm;
  readonly folder: string;
  readonly disk: Disk;
  readonly draw: () => number;
  /** The faults to come, in this order, as long as the race is not over. Default: at random, without end. */
  readonly faults?: Iterator<Fault>;
  readonly log: (text: string) => void;
}

export interface Survived {
  readonly counts: Counts;
  /** Processes that ran the race, one after another. */
  readonly lives: number;
  /** What is not as it should be. */
  readonly wrong: readonly string[];
}

/** Runs a race under attack until it is finished. */
export async function survive(attack: Attack): Promise<Survived> {
  const lab = join(attack.folder, 'attacked.sqlite');
  return await new Attacked(attack, lab, await begin(attack.race, lab)).run();
}

/** A race that waits to be run: its id. */
export async function begin(name: RaceName, lab: string): Promise<string> {
  const opened = await openLab(lab);
  try {
    const { plan } = await planRace(races[name]);
    return await opened.create(plan, { machine: describeMachine(), command: null });
  } finally {
    await opened.close();
  }
}

class Attacked {
  readonly #attack: Attack;
  readonly #lab: string;
  readonly #id: string;
  readonly #folders: CheckpointFolders;
  readonly #counts = noFaults();
  readonly #wrong: string[] = [];
  /** How often each trial ended, by what all lives said. */
  readonly #endings = new Map<string, number>();
  readonly #faults: Iterator<Fault>;
  #lives = 0;

  constructor(attack: Attack, lab: string, id: string) {
    this.#attack = attack;
    this.#lab = lab;
    this.#id = id;
    this.#folders = new CheckpointFolders(`${lab}-checkpoints/${id}`);
    this.#faults = attack.faults ?? randomFaults(attack.draw);
  }

  async run(): Promise<Survived> {
    const { calm } = this.#attack;
    for (;;) {
      const run = this.#begin();
      await this.#live(run);
      await run.ended;
      if (!(await until(() => !run.groupLives, 10))) this.#wrong.push(`processes of group ${run.pid} live on`);
      this.#note(run);
      const result = run.last('result');
      this.#attack.log(`life ${this.#lives} ended: ${result?.status ?? run.last('error')?.message ?? 'killed'}`);
      if (result?.status !== 'finished') continue;
      for (const [trial, count] of this.#endings) if (count > 1) this.#wrong.push(`${trial} ended ${count} times`);
      this.#wrong.push(...differences(calm.numbers, result.numbers));
      if (existsSync(this.#folders.root)) this.#wrong.push(`${this.#folders.root} is left`);
      return { counts: this.#counts, lives: this.#lives, wrong: this.#wrong };
    }
  }

  /** What a process said of trials that ended. */
  #note(run: Run): void {
    for (const said of run.said) {
      if (said.type !== 'ended' || said.status === 'interrupted') continue;
      this.#endings.set(said.trial, (this.#endings.get(said.trial) ?? 0) + 1);
      if (said.status === 'failed') this.#wrong.push(`${said.trial} failed: ${said.why}`);
    }
  }

  #begin(): Run {
    this.#lives++;
    const { hangSeconds } = this.#attack.calm;
    return new Run({ lab: this.#lab, race: this.#id, jobs: 2, checkpointSeconds: 0.1, hangSeconds });
  }

  /** Faults, one after another, until this process is gone. */
  async #live(run: Run): Promise<void> {
    const { draw } = this.#attack;
    while (!run.isGone) {
      // Mostly at work, now and then while it starts.
      const at = run.said.length;
      if (draw() < 0.85)
        await until(() => run.isGone || run.said.slice(at).some(({ type }) => type === 'progress'), 60);
      await Promise.race([delay(600 * draw()), run.ended]);
      if (run.isGone) break;
      const next = this.#faults.next();
      if (next.done) {
        await run.ended;
        break;
      }
      this.#attack.log(`${next.value} (life ${this.#lives})`);
      if (await this.#commit(next.value, run)) this.#counts[next.value]++;
    }
    this.#explain(run);
  }

  /** An end that nobody caused is an error. */
  #explain(run: Run): void {
    const error = run.last('error');
    if (error && !this.#expectsError) this.#wrong.push(`life ${this.#lives} ended: ${error.message}`);
    if (!error && !run.last('result') && !this.#killed) this.#wrong.push(`life ${this.#lives} died: ${run.stderr}`);
    this.#expectsError = false;
    this.#killed = false;
  }

  #expectsError = false;
  #killed = false;

  /** Did it happen? */
  async #commit(fault: Fault, run: Run): Promise<boolean> {
    switch (fault) {
      case 'worker':
        return await this.#toWorker(run, 'SIGKILL');
      case 'freeze': {
        if (!(await this.#toWorker(run, 'SIGSTOP'))) return false;
        const hung = () => run.said.some((said) => said.type === 'lost' && /hung/.test(said.why ?? ''));
        await until(() => run.isGone || hung(), 2 * this.#attack.calm.hangSeconds);
        return true;
      }
      case 'parent':
        return await this.#kill(run, 'itself');
      case 'everything':
        return await this.#kill(run, 'group');
      case 'damage': {
        await this.#kill(run, 'group');
        const done = damage(this.#folders.root, this.#attack.draw);
        if (done) this.#attack.log(done);
        return done !== null;
      }
      case 'disk': {
        const { disk } = this.#attack;
        this.#expectsError = true;
        disk.fill(run.pid);
        try {
          // It ends by itself when it has something to write down. If not, it is none the worse for it.
          if (!(await until(() => run.isGone, 15))) await this.#kill(run, 'group');
        } finally {
          disk.free();
        }
        return true;
      }
      case 'second': {
        const second = this.#begin();
        this.#lives--;
        await second.ended;
        this.#note(second);
        // The first may still be loading: then it is the one that comes too late.
        const refused = [second, run].filter((one) => /is run by process/.test(one.last('error')?.message ?? ''));
        this.#expectsError = refused.includes(run);
        if (refused.length === 0 && !run.isGone) this.#wrong.push('two processes ran one race');
        return refused.length === 1;
      }
      case 'interrupt': {
        // A program that still loads has no handler: then it dies of it.
        const loading = run.said.length === 0;
        this.#killed = loading;
        run.signal('SIGINT', 'group');
        await run.ended;
        const answered = run.last('result') !== undefined;
        if (!answered && !loading) this.#wrong.push(`SIGINT ended it without a result: ${run.stderr}`);
        return answered;
      }
    }
  }

  async #kill(run: Run, whom: 'itself' | 'group'): Promise<boolean> {
    this.#killed = true;
    run.signal('SIGKILL', whom);
    await run.ended;
    return true;
  }

  /**
   * Kills or stops one of its workers. A job that loses its process three times without a newer checkpoint is given up, by design; so one
   * that just lost it is let alone until it has a checkpoint, or has ended.
   */
  async #toWorker(run: Run, signal: 'SIGKILL' | 'SIGSTOP'): Promise<boolean> {
    const isRecovered = () => this.#fragile(run).length === 0;
    await until(() => run.isGone || isRecovered(), 20);
    if (run.isGone || !isRecovered()) return false;
    const { workers } = run;
    if (workers.length === 0) return false;
    const victim = workers[Math.floor(this.#attack.draw() * workers.length)];
    try {
      return process.kill(victim, signal);
    } catch {
      return false;
    }
  }

  /** Trials that lost their process and have no newer checkpoint since. */
  #fragile(run: Run): string[] {
    const at = new Map<string, number>();
    for (const said of run.said) {
      if (said.type === 'lost') at.set(said.trial, this.#lost.get(said) ?? this.#keep(run, said));
      if (said.type === 'ended') at.delete(said.trial);
    }
    return [...at].filter(([trial, step]) => this.#kept(run, trial) <= step).map(([trial]) => trial);
  }

  /** Steps at the newest checkpoint of a trial when its loss was noticed. */
  readonly #lost = new WeakMap<object, number>();

  #keep(run: Run, said: { readonly trial: string }): number {
    const step = this.#kept(run, said.trial);
    this.#lost.set(said, step);
    return step;
  }

  /** Steps at the newest checkpoint of a trial, or of the batch that it is one of. */
  #kept(run: Run, trial: string): number {
    const started = run.said.filter((said) => said.type === 'started');
    const batch = started.find((said) => said.trial === trial)?.batch;
    const together = started.filter((said) => batch !== undefined && said.batch === batch).map((said) => said.trial);
    const job = [...new Set(together)].map((id) => ({ id }));
    return Math.max(newest(this.#folders.of(trial)) ?? 0, newest(this.#folders.ofBatch(job)) ?? 0);
  }
}

function* randomFaults(draw: () => number): Generator<Fault> {
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  for (;;) {
    let left = draw() * total;
    yield faults.find((fault) => {
      left -= weights[fault];
      return left < 0;
    }) as Fault;
  }
}
