import type { Across, TaskScore } from './analysis/score-types.ts';
import type { Machine } from './machine.ts';
import type { RacePlan, Trial } from './plan.ts';
import type { Finding } from './protocols/protocol.ts';

/** All that is known of a race: what its report shows. */
export interface RaceResult {
  /** In its lab; null for a race that was not kept. */
  readonly id: string | null;
  readonly status: 'finished' | 'interrupted' | 'running';
  readonly plan: RacePlan;
  readonly machine: Machine;
  /** All that ended, in the order of their ids. */
  readonly trials: readonly Trial[];
  /** In words, from the protocol. */
  readonly protocol: string;
  /** One sentence that claims no more than the intervals hold. */
  readonly headline: string;
  readonly tasks: readonly TaskScore[];
  /** Over all tasks; null for a race on one. */
  readonly across: Across | null;
  readonly findings: readonly Finding[];
  /** Wall-clock seconds, of all the times that it ran. */
  readonly seconds: number;
  /** What to type to repeat the race. */
  readonly command: string | null;
}
