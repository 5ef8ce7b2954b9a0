import type { Protocol, RaceEvent, Trial, TrialPlan } from '../lab/protocol.ts';
import { endOf, metricOf } from '../lab/score.ts';

/** Where the progress of a race is shown. */
export interface Progress {
  show(event: RaceEvent): void;
  /** A line of its own that stays. */
  say(text: string): void;
  done(): void;
}

/** How far one competitor is. */
export interface Lap {
  readonly label: string;
  readonly state: 'waits' | 'runs' | 'pauses' | 'done' | 'out';
  /** What it is at: 'tune 3/12', 'final 1/3'. */
  readonly stage: string;
  /** Share of its steps that are done, in [0, 1]. */
  readonly share: number;
  /** Loss of the last minibatch heard of. */
  readonly loss: number | null;
  /** Lowest final value of the target's metric so far. */
  readonly best: number | null;
  /** Seconds of work still to do; NaN while unknown. */
  readonly secondsLeft: number;
}

interface Account {
  tuned: number;
  finals: number;
  running: Map<string, { plan: TrialPlan; step: number; since: number }>;
  loss: number | null;
  best: number | null;
  out: boolean;
  /** Of ended trials. */
  steps: number;
  seconds: number;
}

/** Follows a race by its events and works out what to show. */
export class RaceProgress {
  readonly #accounts = new Map<string, Account>();
  readonly #began = performance.now();
  #protocol: Protocol | undefined;

  get protocol(): Protocol | undefined {
    return this.#protocol;
  }

  get elapsed(): number {
    return (performance.now() - this.#began) / 1000;
  }

  hear(event: RaceEvent): void {
    if (event.type === 'prepared') {
      this.#protocol = event.protocol;
      for (const { label } of event.protocol.competitors) {
        this.#accounts.set(label, {
          tuned: 0,
          finals: 0,
          running: new Map(),
          loss: null,
          best: null,
          out: false,
          steps: 0,
          seconds: 0,
        });
      }
      return;
    }
    const label =
      event.type === 'chosen'
        ? event.competitor
        : event.type === 'ended'
          ? event.trial.plan.competitor
          : event.plan.competitor;
    const account = this.#accounts.get(label);
    if (!account) return;
    if (event.type === 'started') {
      account.running.set(event.plan.id, { plan: event.plan, step: 0, since: performance.now() });
    } else if (event.type === 'progress') {
      const running = account.running.get(event.plan.id);
      if (running) running.step = event.progress.step;
      account.loss = event.progress.loss;
    } else if (event.type === 'chosen') {
      account.out = event.trial === null;
    } else {
      this.#end(account, event.trial);
    }
  }

  #end(account: Account, trial: Trial): void {
    const { plan, outcome } = trial;
    account.running.delete(plan.id);
    if (outcome.status === 'interrupted') return;
    if (plan.phase === 'tune') account.tuned++;
    else account.finals++;
    if (outcome.status === 'finished') {
      account.steps += plan.steps;
      account.seconds += outcome.wallSeconds;
    }
    const end = endOf(trial);
    if (!end || !this.#protocol) return;
    const value = metricOf(this.#protocol.target.metric, end);
    account.best = account.best === null ? value : Math.min(account.best, value);
  }

  laps(): Lap[] {
    const paces = [...this.#accounts.values()].map((account) => this.#pace(account)).filter(Number.isFinite);
    const usual = paces.length === 0 ? Number.NaN : paces.reduce((sum, pace) => sum + pace, 0) / paces.length;
    return [...this.#accounts].map(([label, account]) => this.#lap(label, account, usual));
  }

  /** Seconds until the end of the race, if the lanes stay busy. */
  get secondsLeft(): number {
    const lanes = this.#protocol?.jobs ?? 1;
    const laps = this.laps();
    const all = laps.reduce((sum, { secondsLeft }) => sum + secondsLeft, 0) / lanes;
    return Math.max(all, ...laps.map(({ secondsLeft }) => secondsLeft / lanes));
  }

  /** Seconds of wall time for a step, set-up and evaluations included. */
  #pace({ running, steps, seconds }: Account): number {
    const now = performance.now();
    const current = [...running.values()];
    const allSteps = steps + current.reduce((sum, { step }) => sum + step, 0);
    const allSeconds = seconds + current.reduce((sum, { since }) => sum + (now - since) / 1000, 0);
    return allSteps === 0 ? Number.NaN : allSeconds / allSteps;
  }

  #lap(label: string, account: Account, usual: number): Lap {
    const { trials, finalSeeds, tuneSteps, steps } = this.#protocol as Protocol;
    const { tuned, finals, running, loss, best, out } = account;
    const total = trials * tuneSteps + finalSeeds.length * steps;
    const current = [...running.values()];
    const done = tuned * tuneSteps + finals * steps + current.reduce((sum, { step }) => sum + step, 0);
    const finished = finals === finalSeeds.length;
    const own = this.#pace(account);
    const pace = Number.isFinite(own) ? own : usual;
    const state = out
      ? 'out'
      : finished
        ? 'done'
        : current.length > 0
          ? 'runs'
          : tuned + finals > 0
            ? 'pauses'
            : 'waits';
    const tuning = tuned < trials;
    const at = Math.min(tuning ? trials : finalSeeds.length, (tuning ? tuned : finals) + (state === 'runs' ? 1 : 0));
    return {
      label,
      state,
      stage:
        state === 'runs' || state === 'pauses'
          ? `${tuning ? 'tune' : 'final'} ${at}/${tuning ? trials : finalSeeds.length}`
          : state,
      share: out || finished ? 1 : Math.min(1, done / total),
      loss,
      best,
      secondsLeft: out || finished ? 0 : Math.max(0, total - done) * pace,
    };
  }
}
