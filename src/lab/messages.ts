import type { EngineName } from '../runtime/engine.ts';
import type { CompetitorPlan, Outcome, SchedulePlan, TrialPlan, TrialProgress } from './protocol.ts';

/** What a worker process is told, and what it answers. */

export interface WorkerSetup {
  readonly task: string;
  readonly competitors: readonly CompetitorPlan[];
  readonly schedule: SchedulePlan;
  readonly engine: EngineName;
}

export type ToWorker =
  | { readonly type: 'setup'; readonly setup: WorkerSetup }
  | { readonly type: 'run'; readonly plan: TrialPlan }
  | { readonly type: 'cancel' };

export type FromWorker =
  | { readonly type: 'ready'; readonly hasData: boolean }
  | { readonly type: 'refused'; readonly error: string }
  | { readonly type: 'progress'; readonly progress: TrialProgress }
  | { readonly type: 'ended'; readonly outcome: Outcome };
