// Optimizers, wrappers and schedules, and the contracts that they are written to.

export {
  averageRuns,
  averageSelectedRuns,
  type ScoredRun,
  type Selection,
  type Weights,
  type WeightTensor,
} from './averaging/average-runs.ts';
export {
  type Direction,
  excessRisk,
  linearRegressionErrors,
  type Moments,
  stationaryVariances,
} from './averaging/ema-linear-regression.ts';
export { lanczos, type RitzPairs, ritz, type Tridiagonal } from './batch-size/lanczos.ts';
export {
  type BatchSpectrum,
  batchEigenvalue,
  effectiveBatch,
  largestRate,
  type ScalingRule,
  saturation,
  scaleRate,
} from './batch-size/scaling.ts';
export { type Extremes, extremes, heavyBallOf, plainRateOf } from './batch-size/slq.ts';
export {
  coordinateTest,
  innerProductTest,
  normTest,
  orthogonalityTest,
  sampleVariance,
} from './batch-size/variance.ts';
export { NameSyntaxError, partsOf } from './composed-name.ts';
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
export {
  conditionalScore,
  daleLangevinStep,
  type GeometricBrownian,
  geometricNoise,
  multiplicativeLangevinStep,
  type SamplerStep,
  scoreMatchingLoss,
} from './first-order/dale-langevin.ts';
export { componentwiseMedian, geometricMedian, proximalMedian } from './first-order/sample-median.ts';
export * from './hyper.ts';
export { newtonSchulz } from './matrix/newton-schulz.ts';
export { type Norm, type NormName, namedNorm, normNames } from './matrix/norms.ts';
export { polar } from './matrix/polar.ts';
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
export {
  type At,
  type Batch,
  createOracle,
  type LogitsTerm,
  noCalls,
  type Objective,
  type Oracle,
  type OracleCalls,
  OracleError,
} from './oracle.ts';
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
export { bestScale, emaCoefficients, type LastIterateOptions, lastIterateBound } from './schedules/last-iterate.ts';
export { medianFilter, type RefinedOptions, refined, resample } from './schedules/refined.ts';
export {
  defineSchedule,
  isLearningRate,
  type Schedule,
  type ScheduleContext,
  type ScheduleDefinition,
  type ScheduleFactory,
  withSchedule,
} from './schedules/schedule.ts';
export { table } from './schedules/table.ts';
export { type Indexing, untunedWarmup, type WarmupForm, type WarmupMode } from './schedules/warmup.ts';
export * from './schedules.ts';
export * from './step-program.ts';
export { defineWrapper, type WrapperDefinition, type WrapperFactory } from './wrapper.ts';
export { byRole, type ParamGroup, paramGroups } from './wrappers/groups.ts';
export * from './wrappers.ts';
