import type { Machine } from './machine.ts';
import type { Protocol, Trial } from './protocol.ts';
import type { Row } from './score.ts';

/** All that is known at the end of a race. */
export interface RaceResult {
  readonly status: 'finished' | 'interrupted';
  readonly protocol: Protocol;
  readonly machine: Machine;
  /** In the order they ended. */
  readonly trials: readonly Trial[];
  /** Best first. */
  readonly rows: readonly Row[];
  /** Wall-clock seconds. */
  readonly seconds: number;
  /** What to type to repeat the race. */
  readonly command?: string;
}
