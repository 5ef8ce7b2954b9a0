import type { Saved } from './stepper.ts';

/** What a run must share with a checkpoint to go on from it. */
export interface RunIdentity {
  readonly task: string;
  readonly optimizer: string;
  readonly values: Readonly<Record<string, number | boolean | string>>;
  readonly seed: number;
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
  readonly step: number;
  readonly saved: Saved;
  readonly history: unknown;
}

/** A checkpoint that is damaged, or of another run. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
}
