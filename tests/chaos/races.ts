import { fileURLToPath } from 'node:url';
import type { RaceSpec } from '../../src/lab/race-spec.ts';

const module = fileURLToPath(new URL('tasks.ts', import.meta.url));

/** Races of tests. */
export const races = {
  /** Every trial by itself, in its own process at a time. */
  alone: {
    tasks: ['slow-network', 'slow-line'],
    competitors: ['sgd', 'adamw', 'lion'],
    protocol: { kind: 'equal-budget', tuner: { kind: 'quasi-random', trials: 4 }, batched: false },
    seeds: 2,
    module,
  },
  /** Tuning trials as one program. */
  together: {
    tasks: ['slow-line'],
    competitors: ['sgd', 'adamw'],
    protocol: { kind: 'equal-budget', tuner: { kind: 'quasi-random', trials: 4 }, batched: true },
    seeds: 2,
    module,
  },
  /** Trials that go on from others with the same values. */
  rungs: {
    tasks: ['slow-line'],
    competitors: ['adamw', 'sgd'],
    protocol: { kind: 'equal-budget', tuner: { kind: 'hyperband', rungs: 3, eta: 2 } },
    seeds: 2,
    module,
  },
  /** Trials that go on from others with other values. */
  members: {
    tasks: ['slow-network'],
    competitors: ['adamw'],
    protocol: { kind: 'equal-budget', tuner: { kind: 'population', population: 4, generations: 4 } },
    seeds: 2,
    module,
  },
  /** For the short version. */
  small: {
    tasks: ['slow-network'],
    competitors: ['adamw'],
    protocol: { kind: 'equal-budget', tuner: { kind: 'population', population: 3, generations: 3 } },
    seeds: 2,
    module,
  },
  /** Tasks that misbehave, and one that does not. */
  bad: {
    tasks: ['slow-line', 'crashing', 'leaking', 'hanging-once'],
    competitors: ['adamw'],
    protocol: { kind: 'equal-budget', tuner: { kind: 'quasi-random', trials: 1 }, batched: false },
    seeds: 1,
    module,
  },
  /** It never ends by itself. */
  endless: {
    tasks: ['hanging'],
    competitors: ['adamw'],
    protocol: { kind: 'equal-budget', tuner: { kind: 'quasi-random', trials: 1 }, batched: false },
    seeds: 1,
    module,
  },
} satisfies Readonly<Record<string, RaceSpec>>;

export type RaceName = keyof typeof races;

/** Those that are attacked for long. */
export const attacked = ['alone', 'together', 'rungs', 'members'] satisfies RaceName[];
