/**
 * Thalweg: optimization algorithms that train machine-learning models, exact, raced and explained.
 *
 * Tensors, transforms, optimizers, the trainer and the race are here by name; `nn`, `data`, `tasks` and `lab` hold what goes with them. Each
 * part is also a module of its own: 'thalweg/optim', 'thalweg/nn', ...
 */
export * as data from './data/index.ts';
export * as lab from './lab/index.ts';
export { defineRace, type RaceSpec, race } from './lab/index.ts';
export * as nn from './nn/index.ts';
export * from './optim/index.ts';
export {
  type BrowserOptions,
  createRuntime,
  type EngineName,
  type Runtime,
  type RuntimeOptions,
} from './runtime/index.ts';
export * as tasks from './tasks/index.ts';
export { defineTask, getTask, type Task } from './tasks/index.ts';
export * from './tensor/index.ts';
export * from './train/index.ts';
