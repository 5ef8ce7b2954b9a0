import type { RacePlan, Trial, TrialPlan } from './plan.ts';
import { getProtocol } from './protocols/index.ts';

/**
 * The trials of another race that this one would only run again: a trial is a function of its plan, its task, its competitor, and the
 * schedule and engine of its race. So a race can be made larger (more seeds, another optimizer) without repeating what is known. Trials of
 * one batch, which are one program, are taken over together, and only where the other race ran the same ones as one: others round otherwise.
 */
export function sharedTrials(race: RacePlan, other: RacePlan, trials: readonly Trial[]): Trial[] {
  const same = (a: unknown, b: unknown): boolean => a !== undefined && JSON.stringify(a) === JSON.stringify(b);
  if (!same([race.schedule, race.engine, race.module], [other.schedule, other.engine, other.module])) return [];
  const labelled = <T extends { readonly label: string }>(list: readonly T[], label: string) =>
    list.find((entry) => entry.label === label);
  const known = new Map(trials.map((trial) => [trial.plan.id, trial]));
  const shared = new Map<string, Trial>();
  const theirs = batchesOf(trials.map(({ plan }) => plan));
  const isKnown = (plan: TrialPlan): boolean =>
    !shared.has(plan.id) &&
    same(plan, known.get(plan.id)?.plan) &&
    same(labelled(race.tasks, plan.task), labelled(other.tasks, plan.task)) &&
    same(labelled(race.competitors, plan.competitor), labelled(other.competitors, plan.competitor));
  const protocol = getProtocol(race.protocol.kind);
  for (;;) {
    // What comes next depends on what has ended.
    const planned = protocol.plan(race, race.protocol.options, shared);
    const ours = batchesOf(planned);
    const found = planned.filter(
      (plan) => isKnown(plan) && (plan.batch === undefined || same(ours.get(plan.batch), theirs.get(plan.batch))),
    );
    if (found.length === 0) return [...shared.values()];
    for (const { id } of found) shared.set(id, known.get(id) as Trial);
  }
}

/** The trials of each batch by its name. */
const batchesOf = (plans: readonly TrialPlan[]): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [...Map.groupBy(plans, ({ batch }) => batch)].flatMap(([batch, members]) =>
      batch === undefined ? [] : [[batch, members.map(({ id }) => id).sort()]],
    ),
  );
