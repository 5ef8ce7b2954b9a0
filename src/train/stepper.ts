import type { OracleCalls } from '../optim/oracle.ts';
import type { TypedArray } from '../runtime/engine.ts';
import type { Shape } from '../tensor/shape.ts';

/** Numbers to be kept in a checkpoint. */
export interface SavedTensor {
  readonly shape: Shape;
  readonly data: TypedArray;
}

export interface Saved {
  readonly tensors: Readonly<Record<string, SavedTensor>>;
  /** Whatever else there is to keep, as JSON. */
  readonly extra: unknown;
}

/** An optimizer at work on a task, for one trial or for several at once: symbolic and driven methods answer alike. */
export interface Stepper {
  /** Takes step t (from 1). */
  step(t: number): void | Promise<void>;
  /** Of each trial the loss of its first minibatch at the latest step; undefined where the method asked for none. */
  readonly losses: ArrayLike<number> | undefined;
  /** Brings the parameters to evaluate after t steps into a buffer, trial after trial; answers its name, the same each time. */
  evaluationPoint(t: number): Promise<string>;
  /** Tells the method of an evaluation of a trial: its loss, and how many there were. */
  observe(loss: number, count: number, trial?: number): void;
  /** All oracle calls of a trial so far. */
  readonly calls: OracleCalls;
  /** Bytes of optimizer state of a trial, each number in the type that it has in the program. */
  stateBytes(): number;
  /** Seconds spent compiling so far. */
  readonly compileSeconds: number;
  save(): Saved;
  load(saved: Saved): void;
}

export const addCalls = (total: OracleCalls, more: OracleCalls): void => {
  for (const kind in total) total[kind as keyof OracleCalls] += more[kind as keyof OracleCalls];
};

/** Is this the name of a tensor of the optimizer's state? */
export const isState = (name: string): boolean => name === 'state' || name.startsWith('state.');
