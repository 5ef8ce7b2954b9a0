import { PlatformError } from '../../runtime/platform.ts';
import type { TrialRunner } from './lane.ts';
import type { WorkerPoolOptions } from './worker-pool.ts';

/** Trials run in the page itself, one after another. */
export const defaultJobs = (): number => 1;

export const hasProcesses: boolean = false;

export function workerPool({ jobs }: WorkerPoolOptions): TrialRunner {
  throw new PlatformError(`jobs is ${jobs}: a browser has no worker processes; race with jobs: 1`);
}
