import type { RacePlan } from '../plan.ts';

/**
 * What follows from the plan of a race alone, made when it is first asked for: a protocol is asked again whenever a trial ends, and the
 * settings that it draws stay the same.
 */
export function oncePerRace<Options, T>(
  make: (race: RacePlan, options: Options) => T,
): (race: RacePlan, options: Options) => T {
  const made = new WeakMap<RacePlan, { readonly options: Options; readonly value: T }>();
  return (race, options) => {
    const known = made.get(race);
    if (known?.options === options) return known.value;
    const value = make(race, options);
    made.set(race, { options, value });
    return value;
  };
}
