import { distance } from 'fastest-levenshtein';

/** A race that is given wrongly: the message names the field, its value, and what is legal there. */
export class RaceError extends Error {
  override readonly name = 'RaceError';
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
export function unknownName(what: string, name: string, known: Iterable<string>): string {
  const names = [...known];
  const near = nearest(name, names);
  const hint = near === null ? `there are ${names.join(', ')}` : `did you mean '${near}'?`;
  return `there is no ${what} '${name}'; ${hint}`;
}
