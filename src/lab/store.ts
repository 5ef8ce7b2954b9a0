import { closeSync, fsyncSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../train/make-folder.ts';
import { reportFile, trialsFile } from './file-names.ts';
import type { Outcome, Protocol, Trial, TrialPlan } from './protocol.ts';
import type { RaceResult } from './result.ts';

export * from './file-names.ts';

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

/** The folder of a race; made when missing. */
export interface RaceFolder {
  openTrials(): TrialFile;
  writeReport(result: RaceResult): Promise<void>;
}

export function openRaceFolder(directory: string): RaceFolder {
  makeFolder(directory);
  return {
    openTrials: () => new TrialFile(join(directory, trialsFile)),
    async writeReport(result) {
      const { renderReport } = await import('./report/report.ts');
      writeFileSync(join(directory, reportFile), renderReport(result));
    },
  };
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
