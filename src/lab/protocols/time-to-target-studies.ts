import { z } from 'zod';
import { usualLimit } from '../analysis/profiles.ts';
import type { CompetitorPlan, RacePlan, TaskPlan, Trial, TrialPlan, Values } from '../plan.ts';
import { drawSettings } from '../search/search.ts';
import { oncePerRace } from './once-per-race.ts';

/** The studies of a race to the targets: who runs what, and what time each comes to. */

/** What the rules say where the options do not. A self-tuning method does in one longer run what others do in several. */
export const rulesets = {
  'v0.6': { studies: 3, selfTuningBudget: 1.5 },
  'v0.5': { studies: 5, selfTuningBudget: 3 },
} as const;

export const timeToTargetOptions = z.strictObject({
  rules: z.enum(['v0.6', 'v0.5']).default('v0.6').describe("Version of AlgoPerf's rules."),
  studies: z
    .int()
    .min(1)
    .max(100)
    .nullable()
    .default(null)
    .describe('Studies of each competitor on each task; null for what the rules say: 3, and 5 in v0.5.'),
  trials: z.int().min(1).max(1000).default(5).describe('Settings that a study of external tuning tries.'),
  selfTuning: z
    .union([z.literal('auto'), z.array(z.string())], {
      error: ({ input }) => `is ${JSON.stringify(input)}; it must be 'auto' or a list of labels`,
    })
    .default('auto')
    .describe("Labels of the competitors that tune themselves; 'auto' for those with nothing to tune."),
  limit: z.number().gt(1).default(usualLimit).describe('Times beyond so many times the fastest count as missed.'),
  integral: z
    .enum(['exact', 'trapezoid'])
    .default('exact')
    .describe("How profiles are integrated: exactly, or by AlgoPerf's 100 points."),
});

export type TimeToTargetOptions = z.infer<typeof timeToTargetOptions>;

/** One competitor on one task. */
export interface Side {
  readonly task: TaskPlan;
  readonly competitor: CompetitorPlan;
  /** Steps of each of its runs, and the horizon of their schedule. */
  readonly steps: number;
  /** The trials of each study. */
  readonly studies: readonly (readonly TrialPlan[])[];
}

export const studiesOf = ({ studies, rules }: TimeToTargetOptions): number => studies ?? rulesets[rules].studies;

export const isSelfTuning = ({ label, space }: CompetitorPlan, { selfTuning }: TimeToTargetOptions): boolean =>
  selfTuning === 'auto' ? Object.keys(space).length === 0 : selfTuning.includes(label);

/** Task by task, and within a task competitor by competitor. */
export const sides = oncePerRace((race, options: TimeToTargetOptions): readonly Side[] =>
  race.tasks.flatMap((task) => race.competitors.map((competitor) => sideOf(race, task, competitor, options))),
);

/** All trials of one study have one seed, which no final run has; the points of one draw are dealt to the studies. */
function sideOf(race: RacePlan, task: TaskPlan, competitor: CompetitorPlan, options: TimeToTargetOptions): Side {
  const count = studiesOf(options);
  const selfTuning = isSelfTuning(competitor, options);
  const steps = Math.ceil(task.steps * (selfTuning ? rulesets[options.rules].selfTuningBudget : 1));
  // Where there is nothing to search, one run says all.
  const trials = selfTuning || Object.keys(competitor.space).length === 0 ? 1 : options.trials;
  const settings: readonly Values[] = selfTuning
    ? Array.from({ length: count }, () => competitor.start)
    : drawSettings(competitor.space, { count: count * trials, seed: race.seed, method: 'algoperf' });
  const firstSeed = Math.max(race.tuneSeed, ...race.finalSeeds) + 1;
  const studies = Array.from({ length: count }, (_, s) =>
    Array.from(
      { length: trials },
      (_, i): TrialPlan => ({
        id: `${task.label}/${competitor.label}/tune/s${s}.${i}`,
        task: task.label,
        competitor: competitor.label,
        phase: 'tune',
        index: s * trials + i,
        seed: firstSeed + s,
        steps,
        until: steps,
        evaluateEvery: Math.max(1, Math.ceil(task.steps / task.evaluations)),
        test: false,
        values: settings[s * trials + i],
      }),
    ),
  );
  return { task, competitor, steps, studies };
}

/** A run that diverged later has met the target all the same: by the rules training ends there. */
export const timeOf = ({ outcome }: Trial, unit: 'step' | 'seconds'): number =>
  outcome.targetReached?.[unit] ?? Number.POSITIVE_INFINITY;

export function fastest(trials: readonly Trial[], unit: 'step' | 'seconds'): Trial | null {
  const reached = trials.filter(({ outcome }) => outcome.targetReached);
  return reached.reduce<Trial | null>(
    (best, trial) => (best && timeOf(best, unit) <= timeOf(trial, unit) ? best : trial),
    null,
  );
}
