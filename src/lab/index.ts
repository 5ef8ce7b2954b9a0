// Tune, race, score, store.

export { describeMachine, type Machine } from '#lab/machine';
export { readTrials, trialsFile } from '#lab/store';
export { CompetitorError, type CompetitorOptions } from './competitor.ts';
export type {
  CompetitorPlan,
  Outcome,
  Protocol,
  RaceEvent,
  SchedulePlan,
  Trial,
  TrialPlan,
  TrialProgress,
} from './protocol.ts';
export { defaultSchedule, type RaceOptions, race } from './race.ts';
export type { RaceResult } from './result.ts';
export { inProcess, type Lane, type TrialRunner } from './runner.ts';
export { chooseTrial, headline, type Row, scoreRace } from './score.ts';
export { drawSettings, radicalInverse, type SearchMethod, type SearchSpace, unitPoints } from './search.ts';
export { differ, type Estimate, estimate, studentQuantile } from './statistics.ts';
