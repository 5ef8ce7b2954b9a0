// Plan, tune, race, keep, score.

export { describeMachine, type Machine } from '#lab/machine';
export { type OpenOptions, openLab } from '#lab/store/open';
export { type BootstrapOptions, bootstrapInterval, type Interval } from './analysis/bootstrap.ts';
export { type NashAverage, type NashOptions, nashAverage } from './analysis/nash.ts';
export { pairedDifference, pairedTest, permutationTest, signTest } from './analysis/paired.ts';
export { geometricSpeedUp, performanceProfile, profileScore, ratiosToFastest } from './analysis/profiles.ts';
export { type Order, places, tellApart } from './analysis/ranks.ts';
export { scoreRace } from './analysis/score.ts';
export type { Across, AcrossRow, Row, Sensitivity, TaskScore, TunabilityCurve } from './analysis/score-types.ts';
export { type Estimate, estimate, studentQuantile } from './analysis/statistics.ts';
export { type Cast, castOf, type Own } from './cast.ts';
export type { CompetitorOptions } from './competitor.ts';
export type {
  CompetitorPlan,
  Outcome,
  RaceEvent,
  RacePlan,
  RaceSize,
  SchedulePlan,
  TaskPlan,
  Trial,
  TrialPlan,
  TrialProgress,
  Values,
} from './plan.ts';
export { defaultSchedule, type PlannedRace, planRace } from './plan-race.ts';
export { getProtocol, protocols } from './protocols/index.ts';
export { type Finding, type Protocol, ProtocolError } from './protocols/protocol.ts';
export { targetFrom } from './protocols/time-to-target.ts';
export { type ResumeOptions, type RunOptions, race, resumeRace } from './race.ts';
export { RaceError } from './race-error.ts';
export { defineRace, type ProtocolOptions, type RaceSpec, type TaskOptions } from './race-spec.ts';
export type { RaceResult } from './result.ts';
export { type Job, JobLost, type Lane, type TrialRunner } from './run/lane.ts';
export { radicalInverse } from './search/halton.ts';
export { drawSettings, type SearchMethod, type SearchSpace, unitPoints } from './search/search.ts';
export {
  type Detail,
  type HeldRace,
  type Lab,
  LabError,
  type RaceRecord,
  type RaceSummary,
  type TrialRecord,
  type TrialSummary,
} from './store/lab.ts';
export { resultOf } from './store/result-of.ts';
export { getTuner, tuners } from './tuners/index.ts';
export type { Advice, Probe, Result, Results, Study, Tuner } from './tuners/tuner.ts';
