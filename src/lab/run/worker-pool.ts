import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RacePlan } from '../plan.ts';
import { CheckpointFolders } from './checkpoint-folders.ts';
import { defaultCheckpointSeconds } from './in-process.ts';
import type { TrialRunner } from './lane.ts';
import { defaultMemoryLimit, MemoryGate } from './memory.ts';
import { ProcessLane } from './process-lane.ts';

export { WorkerError } from './worker-process.ts';

/** Beside this file, in the same language: .ts in a clone, .js in the published package. */
const workerFile = fileURLToPath(
  new URL(`./worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/** One for each core. */
export const defaultJobs = (): number => availableParallelism();

/** Does this platform have processes to run trials in? */
export const hasProcesses: boolean = true;

export interface WorkerPoolOptions {
  readonly jobs: number;
  readonly plan: RacePlan;
  /** Folder of the race's checkpoints; null for a temporary one that goes with the pool. */
  readonly checkpoints: string | null;
  /** Seconds between two checkpoints of a trial: what a kill can lose. Default 10. */
  readonly checkpointSeconds?: number;
  /** Resident bytes of one process above which it is killed. Default: its share of four fifths of the machine, at least 2 GiB. */
  readonly memoryLimit?: number;
  /** Seconds without a sign of life after which a process is killed. Default 300. */
  readonly hangSeconds?: number;
  readonly onWarning?: (text: string) => void;
  /** The program of a worker process. For tests. */
  readonly file?: string;
}

/**
 * As many processes as jobs, each with one engine thread: on two cores, two such trials at once finish more steps per second than one
 * trial on both. A process that dies, hangs or outgrows its memory takes its job with it (JobLost) and is replaced; one that has grown past
 * half of its memory is replaced between two jobs. A job begins only while the machine has memory for it.
 */
export function workerPool(options: WorkerPoolOptions): TrialRunner {
  const { jobs, plan, checkpointSeconds = defaultCheckpointSeconds, hangSeconds = 300, file = workerFile } = options;
  const { memoryLimit = defaultMemoryLimit(jobs), onWarning = () => {} } = options;
  const temporary = options.checkpoints === null ? mkdtempSync(join(tmpdir(), 'thalweg-race-')) : null;
  const checkpoints = options.checkpoints ?? (temporary as string);
  const gate = new MemoryGate();
  const lanes = Array.from(
    { length: jobs },
    () =>
      new ProcessLane({
        file,
        setup: { plan, checkpoints, checkpointSeconds },
        limits: { hangSeconds, memoryLimit },
        folders: new CheckpointFolders(checkpoints),
        gate,
        onWarning,
      }),
  );
  return {
    lanes,
    prepare: async () => {
      await Promise.all(lanes.map((lane) => lane.start()));
    },
    close: async () => {
      await Promise.all(lanes.map((lane) => lane.close()));
      if (temporary) rmSync(temporary, { recursive: true, force: true });
    },
  };
}
