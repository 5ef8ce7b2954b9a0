import { createRuntime } from '../../runtime/runtime.ts';
import type { Cast } from '../cast.ts';
import type { RacePlan } from '../plan.ts';
import { runJob } from './batch.ts';
import { CheckpointFolders } from './checkpoint-folders.ts';
import type { TrialRunner } from './lane.ts';
import type { Bench } from './trial.ts';

export interface InProcessOptions {
  readonly plan: RacePlan;
  readonly cast: Cast;
  /** Folder of the race's checkpoints, or a name in memory. */
  readonly checkpoints: string;
  readonly checkpointSeconds?: number;
  readonly onWarning?: (text: string) => void;
}

/** Seconds between two checkpoints of a trial. */
export const defaultCheckpointSeconds = 10;

/** One trial at a time, in this process: for a page, and for tasks and optimizers that are functions of the caller. */
export function inProcess({ plan, cast, checkpoints, checkpointSeconds, onWarning }: InProcessOptions): TrialRunner {
  const bench: Bench = {
    plan,
    cast,
    runtime: createRuntime({ engine: plan.engine, threads: 1 }),
    folders: new CheckpointFolders(checkpoints),
    checkpointSeconds: checkpointSeconds ?? defaultCheckpointSeconds,
    warn: onWarning ?? (() => {}),
  };
  return {
    prepare: async () => {},
    lanes: [{ run: (job, onProgress, signal, ancestors) => runJob(bench, job, ancestors, onProgress, signal) }],
    close: async () => {},
  };
}
