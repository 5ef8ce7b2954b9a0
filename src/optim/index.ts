// Optimizers, wrappers and schedules, and the contracts that they are written to.

export {
  type DrivenContext,
  type DrivenDefinition,
  type DrivenFactory,
  type DrivenOptimizer,
  type DrivenResult,
  defineDriven,
  type HostOracle,
  type HostState,
} from './driven.ts';
export * from './hyper.ts';
export { newtonSchulz } from './matrix/newton-schulz.ts';
export * from './methods.ts';
export {
  type Definition,
  defineOptimizer,
  type EvaluationContext,
  type Optimizer,
  type OptimizerFactory,
  type State,
  type StepContext,
  type StepResult,
  type SymbolicHyper,
  type SymbolicHypers,
} from './optimizer.ts';
export { type At, type Batch, createOracle, noCalls, type Objective, type Oracle, type OracleCalls } from './oracle.ts';
export {
  type AnyOptimizer,
  type Described,
  getOptimizer,
  methods,
  schedules,
  UnknownOptimizerError,
  wrappers,
} from './registry.ts';
export { debias, decayed, ema, l2, oneMinus, shrink, stepsOf } from './rules.ts';
export {
  defineSchedule,
  isLearningRate,
  type Schedule,
  type ScheduleContext,
  type ScheduleDefinition,
  type ScheduleFactory,
  withSchedule,
} from './schedules/schedule.ts';
export * from './schedules.ts';
export * from './step-program.ts';
export { defineWrapper, type WrapperDefinition, type WrapperFactory } from './wrapper.ts';
export { byRole, type ParamGroup, paramGroups } from './wrappers/groups.ts';
export * from './wrappers.ts';
