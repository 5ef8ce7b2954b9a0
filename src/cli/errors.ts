import { nearest, unknownName } from '../lab/race-error.ts';

export { nearest };

/** Exit codes beside 0. The surroundings failed: a full disk, a server that is away; or the program did. */
export const failureCode = 1;
/** Asked for what does not exist or is not legal. */
export const usageCode = 2;
/** Ended by Ctrl-C. */
export const interruptedCode = 130;

/** The command was given something that does not exist or is not allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** "there is no task 'mnist-mpl'; did you mean 'mnist-mlp'?", or all the names when none is near. */
export const noSuch = (what: string, name: string, known: Iterable<string>): UsageError =>
  new UsageError(unknownName(what, name, known));

/** One line on standard error, or the whole stack with --debug, and those of its causes. */
export function reportError(error: unknown, debug: boolean): void {
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`thalweg: ${debug ? stacksOf(error) : text.replaceAll(/\s*\n\s*/g, ' ')}\n`);
}

function stacksOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? error.message;
  return error.cause === undefined ? stack : `${stack}\ncaused by: ${stacksOf(error.cause)}`;
}
