import { z } from 'zod';
import { checkKind, type GivenKind, type KindPlan, optionsOf } from '../check-options.ts';
import { RaceError, unknownName } from '../race-error.ts';
import { asha } from './asha.ts';
import { coordinateDescent } from './coordinate-descent.ts';
import { gaussianProcess } from './gaussian-process.ts';
import { hyperband } from './hyperband.ts';
import { population } from './population.ts';
import { quasiRandom } from './quasi-random.ts';
import { successiveHalving } from './successive-halving.ts';
import { tpe } from './tpe.ts';
import type { Tuner } from './tuner.ts';

/** A tuner as data: its kind, and its options, complete. */
export type TunerPlan = KindPlan;

/** Every tuner. A new one is a file and a line. */
export const tuners: readonly Tuner[] = [
  quasiRandom,
  successiveHalving,
  hyperband,
  asha,
  tpe,
  gaussianProcess,
  population,
  coordinateDescent,
];

/** RaceError for a kind that no tuner has. */
export function getTuner(kind: string): Tuner {
  const found = tuners.find((tuner) => tuner.kind === kind);
  if (!found) {
    const names = tuners.map((tuner) => tuner.kind);
    throw new RaceError(unknownName('tuner', kind, names));
  }
  return found;
}

/**
 * A tuner as an option of a protocol. A file gives a name or `{ kind, ...options }`; a plan holds `{ kind, options }`, which stays as it
 * is. What is wrong is an issue of the option.
 */
export const tunerOption: z.ZodType<TunerPlan> = z.unknown().transform((given, context) => {
  const checked = checkKind('tuner', tuners, given);
  if ('value' in checked) return checked.value;
  for (const { path, message } of checked.issues) context.addIssue({ code: 'custom', path: [...path], message });
  return z.NEVER;
});

/** Checks what a race gives and fills in the defaults. RaceError names what is wrong: 'tuner.eta is 1; it must be at least 2'. */
export const tunerPlan = (given: GivenKind): TunerPlan => optionsOf('tuner', tunerOption, given);
