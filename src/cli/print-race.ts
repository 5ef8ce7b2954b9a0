import { relative, resolve } from 'node:path';
import { duration, plural } from '../lab/format.ts';
import type { RaceResult } from '../lab/result.ts';

/** Where a race is to be found afterwards. */
export interface Whereabouts {
  readonly report: string;
  readonly lab: string;
  /** What to type to go on with it. */
  readonly resume: string;
  readonly json?: boolean;
}

/** The last word on a race: its tables and its headline; or, for a program, one JSON object on a line. */
export async function printRace(result: RaceResult, { report, lab, resume, json }: Whereabouts): Promise<void> {
  const { id, status, headline, seconds, trials } = result;
  if (json) {
    process.stdout.write(`${JSON.stringify({ type: 'result', ...result, trials: trials.length, lab, report })}\n`);
    return;
  }
  const { resultTables } = await import('./race-table.ts');
  const width = process.stdout.isTTY ? process.stdout.columns : 160;
  const interrupted = status === 'interrupted';
  const note = interrupted ? 'Interrupted: only what had finished. ' : '';
  const lines = [
    `report  ${shortest(report)}`,
    `lab     ${lab}, race ${id}`,
    ...(interrupted ? [`resume  ${resume}`] : []),
  ];
  // In a terminal it stands below the progress.
  const gap = process.stdout.isTTY ? '\n' : '';
  process.stdout.write(
    `${gap}${resultTables(result, width)}\n\n${note}${headline}\n${plural(trials.length, 'trial')} in ${duration(seconds)}\n\n${lines.join('\n')}\n`,
  );
}

/** For a shell. */
export const quoted = (text: string): string => (/^[\w.,=/:@-]+$/.test(text) ? text : `"${text}"`);

function shortest(file: string): string {
  const path = relative('.', file);
  return path.startsWith('..') ? resolve(file) : path;
}
