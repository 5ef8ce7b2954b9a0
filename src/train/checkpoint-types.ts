import type { Seed } from './seed.ts';
import type { Saved } from './stepper.ts';

type Values = Readonly<Record<string, number | boolean | string>>;

/** What a run must share with a checkpoint to go on from it. */
export interface RunIdentity {
  readonly task: string;
  readonly optimizer: string;
  /** Of trials that are trained together, those of each, in order. */
  readonly values: Values | readonly Values[];
  readonly seed: Seed;
  readonly steps: number;
  readonly batchSize: number;
  readonly engine: string;
  /** Hash of the loss as a graph: another model or loss is another run. */
  readonly loss: string;
  /** Hash of the sizes and fields of the data and of some of its examples; 'none' without data. */
  readonly data: string;
  /** Names and shapes of the parameters, in order. */
  readonly parameters: readonly string[];
}

export interface Checkpoint {
  /** Steps done. The data order and the random numbers of the next steps follow from it and the seed. */
  readonly step: number;
  readonly saved: Saved;
  /** The trainer's own records so far. */
  readonly history: unknown;
}

export interface StoredCheckpoint extends Checkpoint {
  readonly run: RunIdentity;
}

/** Where the checkpoints of one run lie: the last two of them, so that there is one left when the last is damaged. */
export interface CheckpointStore {
  /** Of the checkpoints that are there, newest first. */
  steps(): Promise<number[]>;
  /** Throws DamagedCheckpointError. */
  read(step: number): Promise<StoredCheckpoint>;
  /** Drops all but the last two. When it fails, what was there is there still, and nothing half-written is left. */
  write(checkpoint: StoredCheckpoint): Promise<void>;
  drop(step: number): Promise<void>;
  /** Drops everything. */
  clear(): Promise<void>;
}

/** A checkpoint that is damaged, of another run, or not there. */
export class CheckpointError extends Error {
  override readonly name: string = 'CheckpointError';
}

/** A checkpoint whose files are not what was written. */
export class DamagedCheckpointError extends CheckpointError {
  override readonly name = 'DamagedCheckpointError';
}
