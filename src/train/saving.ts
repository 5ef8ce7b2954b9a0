import { readBeginning, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { type Checkpoint, CheckpointError, type RunIdentity } from './checkpoint-types.ts';
import type { Checkpointing } from './options.ts';

/** The checkpoints of one run: the one that it goes on from, and those that it writes. */
export class Saving {
  /** The run's own last checkpoint, else that of the run that it continues. */
  readonly resumed: Checkpoint | null;
  /** Is it the run's own? */
  readonly isOwn: boolean;
  private readonly options: Checkpointing;
  private readonly identity: RunIdentity;
  /** When the last one was written, as performance.now() tells it. */
  private saved = performance.now();

  private constructor(options: Checkpointing, identity: RunIdentity, resumed: Checkpoint | null, isOwn: boolean) {
    this.options = options;
    this.identity = identity;
    this.resumed = resumed;
    this.isOwn = isOwn;
  }

  /** Of a run that ends after `until` steps. A checkpoint of another run is refused. */
  static async open(options: Checkpointing, identity: RunIdentity, until: number): Promise<Saving> {
    const { directory, from, onProblem } = options;
    const own = await readCheckpoint(directory, identity, onProblem);
    const found = own ?? (from === undefined ? null : await readBeginning(from, identity));
    if (found && found.step > until) {
      const where = own ? directory : from;
      throw new CheckpointError(
        `the checkpoint in ${where} is at step ${found.step}, and this run ends after ${until}`,
      );
    }
    return new Saving(options, identity, found, own !== null);
  }

  get atEnd(): boolean {
    return this.options.atEnd ?? true;
  }

  /** Is there to be a checkpoint after step t? */
  isDue(t: number): boolean {
    const { every = Number.POSITIVE_INFINITY, seconds = Number.POSITIVE_INFINITY } = this.options;
    return t % every === 0 || performance.now() - this.saved >= seconds * 1000;
  }

  async write(checkpoint: Checkpoint): Promise<void> {
    const { directory, onProblem } = this.options;
    try {
      await writeCheckpoint(directory, this.identity, checkpoint);
    } catch (error) {
      if (!onProblem) throw error;
      onProblem(error as Error);
    }
    this.saved = performance.now();
  }
}
