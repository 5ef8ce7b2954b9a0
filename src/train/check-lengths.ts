import type { Checkpointing } from './options.ts';
import { type Seed, seedsOf } from './seed.ts';

interface Lengths {
  readonly seed: Seed;
  readonly steps: number;
  readonly until: number;
  readonly batchSize: number;
  readonly evaluateEvery: number;
  readonly checkpoint: Checkpointing | undefined;
}

/** Throws a RangeError that begins with `who` and names what is not legal. */
export function checkLengths(who: string, { seed, steps, until, batchSize, evaluateEvery, checkpoint }: Lengths): void {
  const wholeNumber = (name: string, value: number, least: number): void => {
    if (Number.isInteger(value) && value >= least) return;
    throw new RangeError(`${who}: ${name} is ${value}; it must be a whole number from ${least}`);
  };
  wholeNumber('steps', steps, 1);
  wholeNumber('until', until, 1);
  if (until > steps) throw new RangeError(`${who}: until is ${until}, but the run has ${steps} steps`);
  wholeNumber('batchSize', batchSize, 1);
  for (const one of seedsOf(seed)) wholeNumber('seed', one, 0);
  wholeNumber('evaluateEvery', evaluateEvery, 1);
  wholeNumber('checkpoint.every', checkpoint?.every ?? 1, 1);
  const { seconds = 0 } = checkpoint ?? {};
  if (!(seconds >= 0)) throw new RangeError(`${who}: checkpoint.seconds is ${seconds}; it must be a number from 0`);
}
