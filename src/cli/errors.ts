import { distance } from 'fastest-levenshtein';

/** Exit codes: 0 done, 1 failed, 2 asked for something that does not exist, 130 ended by Ctrl-C. */
export const usageCode = 2;
export const interruptedCode = 130;

/** The command was given something that does not exist or is not allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The known name that is nearest to a mistyped one, if any is near enough to be meant. */
export function nearest(name: string, known: Iterable<string>): string | null {
  const ranked = [...known]
    .map((candidate) => ({ candidate, far: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.far - b.far);
  const [best] = ranked;
  return best && best.far <= Math.max(2, Math.ceil(name.length * 0.4)) ? best.candidate : null;
}

/** "there is no task 'mnist-mpl'; did you mean 'mnist-mlp'?", or all the names when none is near. */
export function noSuch(what: string, name: string, known: Iterable<string>): UsageError {
  const names = [...known];
  const near = nearest(name, names);
  const hint = near === null ? `there are ${names.join(', ')}` : `did you mean '${near}'?`;
  return new UsageError(`there is no ${what} '${name}'; ${hint}`);
}

/** One line on standard error, or the whole stack with --debug. */
export function reportError(error: unknown, debug: boolean): void {
  const text = error instanceof Error ? (debug ? (error.stack ?? error.message) : error.message) : String(error);
  process.stderr.write(`thalweg: ${debug ? text : text.replaceAll(/\s*\n\s*/g, ' ')}\n`);
}
