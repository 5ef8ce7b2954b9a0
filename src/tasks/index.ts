export { defineTask, type TaskData, type TaskDefinition } from './define.ts';
export { defineFunction, type FunctionDefinition } from './define-function.ts';
export {
  logisticMnist,
  type MnistCnnOptions,
  type MnistFiles,
  type MnistMlpOptions,
  mnistCnn,
  mnistMlp,
} from './mnist.ts';
export { type NoisyQuadraticOptions, noisyQuadratic } from './noisy-quadratic.ts';
export { type QuadraticOptions, quadratic } from './quadratic.ts';
export { getTask, type TaskId, type TaskOptions, tasks } from './registry.ts';
export { type CharGptOptions, type CharLstmOptions, sotuCharGpt, sotuCharLstm } from './sotu.ts';
export type { LossInput, Target, Task } from './task.ts';
export { beale, type RosenbrockOptions, rosenbrock } from './test-functions.ts';
export { type TrajectoryLossOptions, withTrajectoryLoss } from './trajectory-loss.ts';
