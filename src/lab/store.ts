import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Outcome, Protocol, Trial, TrialPlan } from './protocol.ts';

/** The files of a race in its folder. */
export const trialsFile = 'trials.jsonl';
export const reportFile = 'report.html';

type Line =
  | { readonly record: 'protocol'; readonly protocol: Protocol; readonly machine: unknown }
  | { readonly record: 'trial'; readonly plan: TrialPlan; readonly outcome: Outcome }
  | { readonly record: 'end'; readonly status: 'finished' | 'interrupted' };

/**
 * The raw trials of a race as JSON lines: the protocol first, then each trial as it ends, then how the race ended. A line is on the
 * disk before the next trial begins, so a race that is killed loses at most the trials that were running. NaN and infinities
 * are null, as JSON has neither.
 */
export class TrialFile {
  readonly #descriptor: number;

  constructor(path: string) {
    this.#descriptor = openSync(path, 'wx');
  }

  begin(protocol: Protocol, machine: unknown): void {
    this.#append({ record: 'protocol', protocol, machine });
  }

  add({ plan, outcome }: Trial): void {
    this.#append({ record: 'trial', plan, outcome });
  }

  end(status: 'finished' | 'interrupted'): void {
    this.#append({ record: 'end', status });
    closeSync(this.#descriptor);
  }

  #append(line: Line): void {
    writeSync(this.#descriptor, `${JSON.stringify(line)}\n`);
    fsyncSync(this.#descriptor);
  }
}

/** What a file of trials holds. A last line that was cut short is left out. `ended` is false for a race that was killed. */
export function readTrials(path: string): { protocol: Protocol; trials: Trial[]; ended: boolean } {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((text) => JSON.parse(text) as Line);
  const [first] = lines;
  if (first?.record !== 'protocol') throw new Error(`${path}: does not begin with the protocol of a race`);
  return {
    protocol: first.protocol,
    trials: lines.flatMap((line) => (line.record === 'trial' ? [{ plan: line.plan, outcome: line.outcome }] : [])),
    ended: lines.at(-1)?.record === 'end',
  };
}
