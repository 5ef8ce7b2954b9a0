import type { Outcome, RacePlan, TrialPlan, TrialProgress } from '../plan.ts';
import type { Job } from './lane.ts';

/** What a worker process is told, and what it answers. */

export interface WorkerSetup {
  readonly plan: RacePlan;
  /** Folder of the race's checkpoints, or a name in the memory of the process. */
  readonly checkpoints: string;
  readonly checkpointSeconds: number;
}

export type ToWorker =
  | { readonly type: 'setup'; readonly setup: WorkerSetup }
  | { readonly type: 'run'; readonly job: Job; readonly ancestors: readonly TrialPlan[] }
  | { readonly type: 'cancel' };

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'refused'; readonly error: string }
  /** A sign of life, with the resident memory in bytes. */
  | { readonly type: 'alive'; readonly bytes: number }
  /** Of a trial of the job, by its place there. */
  | { readonly type: 'progress'; readonly index: number; readonly progress: TrialProgress }
  | { readonly type: 'warning'; readonly text: string }
  | { readonly type: 'ended'; readonly outcomes: readonly Outcome[] }
  /** The machine is out of something that the job needs. */
  | { readonly type: 'stuck'; readonly error: string };
