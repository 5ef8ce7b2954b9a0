export { CheckpointError } from './checkpoint.ts';
export type { Arrays, Checkpointing, Hooks, TrainOptions, TrainResult } from './options.ts';
export { type PredictOptions, predict } from './predict.ts';
export type { Cost, Evaluation, RunResult, RunStatus } from './result.ts';
export { defaultRuntime, train } from './train.ts';
