export { CheckpointError, DamagedCheckpointError } from './checkpoint-types.ts';
export { evaluateUntrained, type UntrainedOptions } from './evaluate-untrained.ts';
export type { Arrays, Checkpointing, Hooks, TrainOptions, TrainResult } from './options.ts';
export { type PredictOptions, predict } from './predict.ts';
export { recomputeStatistics, type StatisticsOptions } from './recompute-statistics.ts';
export type { Cost, Evaluation, RunResult, RunStatus } from './result.ts';
export type { Seed } from './seed.ts';
export { type SweepOptions, type SweepTrial, sweep } from './sweep.ts';
export { defaultRuntime, train } from './train.ts';
