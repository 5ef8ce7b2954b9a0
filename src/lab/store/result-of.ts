import { scoreRace } from '../analysis/score.ts';
import type { RaceResult } from '../result.ts';
import type { Detail, Lab } from './lab.ts';

/** What a race in a lab has come to, also while it runs: by its id, or a beginning of it, or `latest`. `curves` as for scoreRace. */
export async function resultOf(
  lab: Lab,
  id: string,
  { detail = 'all', curves = true }: { readonly detail?: Detail; readonly curves?: boolean } = {},
): Promise<RaceResult> {
  const race = await lab.find(id);
  const trials = await lab.trials(race.id, detail);
  return {
    id: race.id,
    status: race.status,
    plan: race.plan,
    machine: race.machine,
    trials,
    seconds: race.seconds,
    command: race.command,
    ...scoreRace(race.plan, trials, { curves }),
  };
}
