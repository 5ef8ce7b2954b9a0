import { jsonProgress } from './progress-json.ts';
import { lineProgress, notice } from './progress-lines.ts';
import { liveProgress } from './progress-live.ts';
import type { Progress } from './progress-state.ts';

export interface ProgressFlags {
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/**
 * Where a race shows how far it is: bars in a terminal, lines elsewhere, nothing when it is to be quiet; all on standard error, for standard
 * output is for the result. As JSON both are one stream, for the program that reads it.
 */
export function chooseProgress({ quiet, json }: ProgressFlags): Progress {
  if (json) return jsonProgress(process.stdout);
  if (quiet) return quietProgress(process.stderr);
  const live = process.stderr.isTTY && process.env.TERM !== 'dumb' && !process.env.CI;
  return live ? liveProgress(process.stderr) : lineProgress(process.stderr);
}

/** Only what went wrong. */
function quietProgress(stream: NodeJS.WritableStream): Progress {
  const say = (text: string) => stream.write(`thalweg: ${text}\n`);
  return {
    say,
    done: () => {},
    show(event) {
      const text = notice(event);
      if (text !== null) say(text);
    },
  };
}
