import type { Bundle } from '../tensor/bundle.ts';
import type { RandomStreams } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type {
  ChoiceHyper,
  CountHyper,
  FlagHyper,
  Hyper,
  HyperSpec,
  HyperValues,
  NumberHyper,
  OptionalHyper,
} from './hyper.ts';
import { HyperError, resolveHyper } from './hyper.ts';
import type { Oracle } from './oracle.ts';

/** What a method keeps between steps: bundles and tensors in any nesting. */
export type State = Bundle | Tensor | readonly State[] | { readonly [name: string]: State };

/** How a step sees a hyperparameter: numbers as float64 scalars, the rest as they are. */
export type SymbolicHyper<H extends Hyper> = H extends NumberHyper
  ? Tensor
  : H extends OptionalHyper
    ? Tensor | undefined
    : H extends CountHyper
      ? number
      : H extends FlagHyper
        ? boolean
        : H extends ChoiceHyper<infer C>
          ? C
          : never;

export type SymbolicHypers<S extends HyperSpec> = { readonly [K in keyof S]: SymbolicHyper<S[K]> };

/** All that a step may use. */
export interface StepContext<S = State, H = Readonly<Record<string, unknown>>> {
  readonly w: Bundle;
  readonly state: S;
  readonly oracle: Oracle;
  /** Number of this step, from 1: a float64 scalar. */
  readonly t: Tensor;
  /** Planned number of steps of the run: a float64 scalar. */
  readonly horizon: Tensor;
  readonly hyper: H;
  /** What a schedule multiplies `hyper.lr` by at this step, already done: lr_t / lr_0. A float64 scalar, 1 without a schedule. */
  readonly schedule: Tensor;
  /**
   * Is this one of every k steps? True at steps phase + 1, phase + 1 + k, ..., and with a `length` at so many steps from each of them on.
   * The answer is static: each combination of answers is a program of its own, compiled when first met.
   */
  readonly every: (k: number, phase?: number, length?: number) => boolean;
  /** Declared random inputs, fresh at each step. */
  readonly random: RandomStreams;
  /** What the trainer's evaluations have said so far: the plateau of a loss, say, is seen there. */
  readonly validation: Validation;
}

/** The latest evaluation of a run, as float64 scalars: its loss (NaN before the first) and how many there were. */
export interface Validation {
  readonly loss: Tensor;
  readonly count: Tensor;
}

export interface StepResult<S = State> {
  readonly w: Bundle;
  readonly state: S;
}

/** What an evaluation may use: the state between two steps. `t` is the number of steps done. */
export type EvaluationContext<S = State, H = Readonly<Record<string, unknown>>> = Pick<
  StepContext<S, H>,
  'w' | 'state' | 't' | 'horizon' | 'hyper'
>;

/** A configured method whose step is one compiled program. */
export interface Optimizer {
  readonly kind: 'symbolic';
  readonly id: string;
  readonly spec: HyperSpec;
  readonly values: Readonly<Record<string, number | boolean | string>>;
  /** Independent minibatches that one step takes. */
  readonly batches: number;
  init(w: Bundle, hyper: Readonly<Record<string, unknown>>): State;
  step(context: StepContext): StepResult;
  /** The parameters to evaluate and to keep, where they are not the ones that are trained. */
  evaluationPoint?(context: EvaluationContext): Bundle;
  /** The same method with other hyperparameters. */
  with(values: Readonly<Record<string, unknown>>): Optimizer;
}

/** What a method file says. */
export interface Definition<H extends HyperSpec, S extends State> {
  readonly id: string;
  /** One line for lists. */
  readonly summary: string;
  /** Where the rule is from: authors, year, arXiv id, algorithm or equation. */
  readonly source: string;
  readonly hyper: H;
  /** Independent minibatches at each step, or how many under these values. Default 1. */
  readonly batches?: number | ((values: HyperValues<H>) => number);
  /** What is wrong with values that are legal one by one; null when nothing is. */
  readonly check?: (values: HyperValues<H>) => string | null;
  readonly init: (w: Bundle, hyper: SymbolicHypers<H>) => S;
  readonly step: (context: StepContext<S, SymbolicHypers<H>>) => StepResult<S>;
  readonly evaluationPoint?: (context: EvaluationContext<S, SymbolicHypers<H>>) => Bundle;
}

/** Makes configured optimizers; carries its own description for lists, docs and races. */
export interface OptimizerFactory<H extends HyperSpec = HyperSpec> {
  (values?: Partial<HyperValues<H>>): Optimizer;
  readonly id: string;
  readonly summary: string;
  readonly source: string;
  readonly hyper: H;
}

/** Turns the description of a method into a factory of optimizers. */
export function defineOptimizer<const H extends HyperSpec, S extends State>(
  definition: Definition<H, S>,
): OptimizerFactory<H> {
  const { id, summary, source, hyper, batches = 1, check, init, step, evaluationPoint } = definition;
  const create = (given: Partial<Record<string, unknown>> = {}): Optimizer => {
    const values = resolveHyper(id, hyper, given);
    const problem = check?.(values);
    if (problem) throw new HyperError(`${id}: ${problem}`);
    return {
      kind: 'symbolic',
      id,
      spec: hyper,
      values,
      batches: typeof batches === 'number' ? batches : batches(values),
      // The trainer hands back the state that init made, and hyperparameters by this spec: the casts restate that.
      init: (w, symbols) => init(w, symbols as SymbolicHypers<H>),
      step: (context) => step(context as StepContext<S, SymbolicHypers<H>>),
      ...(evaluationPoint && {
        evaluationPoint: (context: EvaluationContext) =>
          evaluationPoint(context as EvaluationContext<S, SymbolicHypers<H>>),
      }),
      with: (changes) => create({ ...given, ...changes }),
    };
  };
  return Object.assign((values?: Partial<HyperValues<H>>) => create(values), { id, summary, source, hyper });
}
