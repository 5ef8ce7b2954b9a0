export { CheckpointError } from './checkpoint.ts';
export type { Checkpointing, Hooks, TrainOptions, TrainResult } from './options.ts';
export type { Cost, Evaluation, RunResult, RunStatus } from './result.ts';
export { defaultRuntime, train } from './train.ts';
