import crc32 from 'crc-32';
import { lastStep, removeCheckpoints } from '../../train/checkpoint.ts';
import { memoryPrefix } from '../../train/checkpoint-memory.ts';

/** Letters of a trial's id in the name of its folder. */
const shown = 60;

/** The folders with the checkpoints of a race's trials: one for each, in one folder (or in memory, where that begins with 'memory:'). */
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

  /** Steps done at the last checkpoint of a trial; 0 without. */
  lastStep(trial: string): Promise<number> {
    return lastStep(this.of(trial)).catch(() => 0);
  }

  /** What cannot be removed now is removed with the whole at the end. */
  async remove(trial: string): Promise<void> {
    await removeCheckpoints(this.of(trial)).catch(() => {});
  }

  async removeAll(): Promise<void> {
    await removeCheckpoints(this.root);
  }
}
