import crc32 from 'crc-32';
import { lastStep, removeCheckpoints } from '../../train/checkpoint.ts';
import { memoryPrefix } from '../../train/checkpoint-memory.ts';
import type { TrialPlan } from '../plan.ts';
import type { Job } from './lane.ts';

/** Letters of a trial's id in the name of its folder. */
const shown = 60;

/** The folders with the checkpoints of a race's trials: one for each trial or batch, in one folder (or in memory, where that begins with 'memory:'). */
export class CheckpointFolders {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** In memory a checkpoint outlives nothing, and is of use to the trials that go on from it alone. */
  get outliveProcess(): boolean {
    return !this.root.startsWith(memoryPrefix);
  }

  /** Legible, and of letters that every file system takes: 'mnist-mlp-adamw-tune-3.9e2f01ab'. */
  of(trial: string): string {
    const letters = trial.replaceAll(/[^\w.=-]+/g, '-').slice(0, shown);
    const hash = (crc32.str(trial) >>> 0).toString(16).padStart(8, '0');
    return `${this.root}/${letters}.${hash}`;
  }

  /** Of the trials of a batch that run as one program: another batch, even of some of the same trials, has another one. */
  ofBatch(trials: readonly Pick<TrialPlan, 'id'>[]): string {
    return this.of(trials.map(({ id }) => id).join(' '));
  }

  /** Steps that the last checkpoints of a job hold, its trials together or each by itself; 0 without. */
  async stepsKept(job: Job): Promise<number> {
    const folders = [this.ofBatch(job), ...job.map(({ id }) => this.of(id))];
    const steps = await Promise.all([...new Set(folders)].map((folder) => lastStep(folder).catch(() => 0)));
    return steps.reduce((sum, step) => sum + step, 0);
  }

  /**
   * Removes the checkpoints of a job that has ended, but for those that others go on from. What cannot be removed now is removed with the
   * whole at the end.
   */
  async forget(job: Job): Promise<void> {
    const folders = job.flatMap(({ id, keep }) => (keep ? [] : [this.of(id)]));
    if (job.length > 1) folders.push(this.ofBatch(job));
    for (const folder of folders) await removeCheckpoints(folder).catch(() => {});
  }

  async removeAll(): Promise<void> {
    await removeCheckpoints(this.root);
  }
}
