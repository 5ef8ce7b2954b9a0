import { endOf, metricOf } from '../lab/analysis/ends.ts';
import type { CompetitorPlan, RaceEvent, RacePlan, RaceSize, TaskPlan, Trial, TrialPlan } from '../lab/plan.ts';
import { getProtocol } from '../lab/protocols/index.ts';

/** Where the progress of a race is shown. */
export interface Progress {
  show(event: RaceEvent): void;
  /** A line of its own that stays. */
  say(text: string): void;
  done(): void;
}

/** How far one competitor is on one task. */
export interface Lap {
  readonly task: TaskPlan;
  readonly competitor: string;
  readonly state: 'waits' | 'runs' | 'pauses' | 'done' | 'out';
  /** What it is at. */
  readonly phase: 'tune' | 'final';
  /** Trials that ended, and how many there are at most. */
  readonly ended: number;
  readonly most: number;
  /** Share of its steps that are done, in [0, 1]; of those that it takes at most, until it is done. */
  readonly share: number;
  /** Loss of the last minibatch heard of. */
  readonly loss: number | null;
  /** Lowest final value of the target's metric so far. */
  readonly best: number | null;
  /** Seconds of work still to do, at most; NaN while unknown. */
  readonly secondsLeft: number;
}

interface Running {
  readonly plan: TrialPlan;
  step: number;
  /** The first step heard of, and when: what came before it was set-up, which says nothing of the pace. */
  first: { readonly step: number; readonly at: number } | null;
}

interface Account {
  readonly task: TaskPlan;
  readonly competitor: string;
  readonly size: RaceSize;
  readonly running: Map<string, Running>;
  ended: number;
  finals: number;
  /** Of ended trials. */
  steps: number;
  /** Of ended trials whose pace tells of the others'. */
  paced: { steps: number; seconds: number };
  phase: 'tune' | 'final';
  chosen: 'not yet' | 'setting' | 'none';
  loss: number | null;
  best: number | null;
}

/** Follows a race by its events and works out what to show. */
export class RaceProgress {
  /** Trials that were lost and began again. */
  restarts = 0;
  readonly #began = performance.now();
  readonly #accounts = new Map<string, Account>();
  /** The last step of each trial that ended, by id. */
  readonly #ends = new Map<string, number>();
  #plan: RacePlan | undefined;
  #size: RaceSize = { trials: 0, steps: 0 };
  #lanes = 1;

  get plan(): RacePlan | undefined {
    return this.#plan;
  }

  get size(): RaceSize {
    return this.#size;
  }

  get elapsed(): number {
    return (performance.now() - this.#began) / 1000;
  }

  get ended(): number {
    return this.#ends.size;
  }

  hear(event: RaceEvent): void {
    switch (event.type) {
      case 'prepared':
        this.#prepare(event.plan, event.size);
        for (const trial of event.ended) this.#end(trial);
        break;
      case 'started': {
        const account = this.#of(event.plan);
        account?.running.set(event.plan.id, { plan: event.plan, step: 0, first: null });
        if (account) account.phase = event.plan.phase;
        const running = [...this.#accounts.values()].reduce((sum, { running: { size } }) => sum + size, 0);
        this.#lanes = Math.max(this.#lanes, running);
        break;
      }
      case 'progress': {
        const account = this.#of(event.plan);
        const running = account?.running.get(event.plan.id);
        if (running) {
          running.step = event.progress.step;
          running.first ??= { step: running.step, at: performance.now() };
        }
        if (account) account.loss = event.progress.loss;
        break;
      }
      case 'lost':
        this.restarts++;
        this.#of(event.plan)?.running.delete(event.plan.id);
        break;
      case 'ended':
        this.#end(event.trial);
        break;
      case 'chosen': {
        const account = this.#of(event.choice);
        if (account) account.chosen = event.choice.values === null ? 'none' : 'setting';
        break;
      }
      case 'warning':
        break;
    }
  }

  laps(): Lap[] {
    const paces = [...this.#accounts.values()].map((account) => this.#pace(account)).filter(Number.isFinite);
    const usual = paces.length === 0 ? Number.NaN : paces.reduce((sum, pace) => sum + pace, 0) / paces.length;
    return [...this.#accounts.values()].map((account) => this.#lap(account, usual));
  }

  /** Seconds until the end of the race, if all its trials are needed and as much runs at once as ever did. */
  get secondsLeft(): number {
    const laps = this.laps();
    const all = laps.reduce((sum, { secondsLeft }) => sum + secondsLeft, 0);
    return all / this.#lanes;
  }

  #prepare(plan: RacePlan, size: RaceSize): void {
    this.#plan = plan;
    this.#size = size;
    for (const task of plan.tasks) {
      for (const competitor of plan.competitors) {
        this.#accounts.set(key(task.label, competitor.label), {
          task,
          competitor: competitor.label,
          size: sizeOf(plan, task, competitor),
          running: new Map(),
          ended: 0,
          finals: 0,
          steps: 0,
          paced: { steps: 0, seconds: 0 },
          phase: 'tune',
          chosen: 'not yet',
          loss: null,
          best: null,
        });
      }
    }
  }

  #of({ task, competitor }: { readonly task: string; readonly competitor: string }): Account | undefined {
    return this.#accounts.get(key(task, competitor));
  }

  /** Steps that a trial takes itself: those before it are another one's. */
  #stepsOf({ from }: TrialPlan, until: number): number {
    return Math.max(0, until - (from === undefined ? 0 : (this.#ends.get(from) ?? 0)));
  }

  #end(trial: Trial): void {
    const { plan, outcome } = trial;
    const account = this.#of(plan);
    account?.running.delete(plan.id);
    if (!account || outcome.status === 'interrupted' || this.#ends.has(plan.id)) return;
    this.#ends.set(plan.id, plan.until);
    account.ended++;
    account.phase = plan.phase;
    if (plan.phase === 'final') account.finals++;
    const steps = this.#stepsOf(plan, plan.until);
    account.steps += steps;
    if (outcome.status === 'finished') {
      account.paced.steps += steps;
      account.paced.seconds += outcome.wallSeconds;
    }
    const end = endOf(trial);
    if (!end) return;
    const value = metricOf(account.task.target.metric, end);
    account.best = account.best === null ? value : Math.min(account.best, value);
  }

  /** Seconds of wall time for a step: of trials that ended with set-up and evaluations, of those that run since their first step. */
  #pace({ running, paced }: Account): number {
    const now = performance.now();
    let { steps, seconds } = paced;
    for (const { step, first } of running.values()) {
      if (first === null || step <= first.step) continue;
      steps += step - first.step;
      seconds += (now - first.at) / 1000;
    }
    return steps === 0 ? Number.NaN : seconds / steps;
  }

  #lap(account: Account, usual: number): Lap {
    const { task, competitor, size, running, ended, finals, steps, phase, chosen, loss, best } = account;
    const plan = this.#plan as RacePlan;
    const current = [...running.values()];
    const done = steps + current.reduce((sum, { plan, step }) => sum + this.#stepsOf(plan, step), 0);
    const over = ended >= size.trials || (chosen === 'setting' && finals >= plan.finalSeeds.length);
    const state =
      chosen === 'none' ? 'out' : over ? 'done' : current.length > 0 ? 'runs' : ended > 0 ? 'pauses' : 'waits';
    const still = state === 'out' || state === 'done' ? 0 : Math.max(0, size.steps - done);
    const own = this.#pace(account);
    return {
      task,
      competitor,
      state,
      phase,
      ended,
      most: size.trials,
      share: still === 0 ? 1 : done / (done + still),
      loss,
      best,
      secondsLeft: still === 0 ? 0 : still * (Number.isFinite(own) ? own : usual),
    };
  }
}

const key = (task: string, competitor: string): string => `${task}/${competitor}`;

/** What one competitor takes on one task: a race of these two. */
function sizeOf(plan: RacePlan, task: TaskPlan, competitor: CompetitorPlan): RaceSize {
  const { kind, options } = plan.protocol;
  return getProtocol(kind).size({ ...plan, tasks: [task], competitors: [competitor] }, options);
}
