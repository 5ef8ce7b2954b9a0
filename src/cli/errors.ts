import { nearest, unknownName } from '../lab/race-error.ts';

export { nearest };

/** Exit codes: 0 done, 1 failed, 2 asked for something that does not exist, 130 ended by Ctrl-C. */
export const usageCode = 2;
export const interruptedCode = 130;

/** The command was given something that does not exist or is not allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** "there is no task 'mnist-mpl'; did you mean 'mnist-mlp'?", or all the names when none is near. */
export const noSuch = (what: string, name: string, known: Iterable<string>): UsageError =>
  new UsageError(unknownName(what, name, known));

/** One line on standard error, or the whole stack with --debug. */
export function reportError(error: unknown, debug: boolean): void {
  const text = error instanceof Error ? (debug ? (error.stack ?? error.message) : error.message) : String(error);
  process.stderr.write(`thalweg: ${debug ? text : text.replaceAll(/\s*\n\s*/g, ' ')}\n`);
}
