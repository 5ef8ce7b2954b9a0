import type { Bundle } from '../tensor/bundle.ts';
import { type Hyper, HyperError, type HyperSpec, type HyperValues, resolveHyper } from './hyper.ts';
import type { EvaluationContext, Optimizer, State, StepContext, StepResult, SymbolicHypers } from './optimizer.ts';

/** The base's step. What is given replaces the base's view of the step: another oracle, other hyperparameters, another t. */
export type BaseStep = (view?: Partial<Omit<StepContext, 'state'>>) => StepResult;

/** The base's evaluation point; w itself where it has none. */
export type BaseEvaluation = (view?: Partial<Omit<EvaluationContext, 'state'>>) => Bundle;

/** A wrapper's step: the base's result and what the wrapper itself keeps. */
export interface WrapperResult<S = State> extends StepResult {
  readonly own?: S;
}

/** What the file of a wrapper says. `H` are its own hyperparameters; `state` in its contexts is its own. */
export interface WrapperDefinition<H extends HyperSpec, S extends State> {
  readonly id: string;
  /** One line for lists. */
  readonly summary: string;
  readonly source: string;
  readonly hyper: H;
  /** What is wrong with values that are legal one by one, or with this base; null when nothing is. */
  readonly check?: (values: HyperValues<H>, base: Optimizer) => string | null;
  /** What the wrapper keeps beside the base's state. Without it the base's state is the whole state. */
  readonly init?: (w: Bundle, hyper: SymbolicHypers<H>, base: Optimizer) => S;
  readonly step: (
    context: StepContext<S, SymbolicHypers<H>> & { readonly baseState: State },
    step: BaseStep,
    base: Optimizer,
  ) => WrapperResult<S>;
  /** Where the wrapper has an evaluation point of its own. Default: the base's. */
  readonly evaluationPoint?: (
    context: EvaluationContext<S, SymbolicHypers<H>>,
    evaluate: BaseEvaluation,
    base: Optimizer,
  ) => Bundle;
  /** How the base sees an evaluation: another t, say. Default: as it is. */
  readonly evaluationView?: (
    context: EvaluationContext<S, SymbolicHypers<H>>,
  ) => Partial<Omit<EvaluationContext, 'state'>>;
}

/** Takes an optimizer and gives one, with the hyperparameters of both; carries its own description. */
export interface WrapperFactory<H extends HyperSpec = HyperSpec> {
  (base: Optimizer, values?: Partial<HyperValues<H>>): Optimizer;
  readonly id: string;
  readonly summary: string;
  readonly source: string;
  readonly hyper: H;
}

type Nested<S> = { readonly base: State; readonly own: S };

type ByName<T> = Readonly<Record<string, T>>;

/**
 * A wrapper's own hyperparameters go by their names, as in 'rho'; where the base has one of that name, the wrapper's goes by its id too:
 * 'sam.rho'. This answers what each is called.
 */
function callNames(id: string, own: HyperSpec, base: HyperSpec): ByName<string> {
  const call = (name: string): string => (name in base ? call(`${id}.${name}`) : name);
  return Object.fromEntries(Object.keys(own).map((name) => [name, call(name)]));
}

/** The given values that belong to a spec. */
export const belonging = (spec: HyperSpec, values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([name]) => name in spec));

/** Turns the description of a wrapper into a function from optimizers to optimizers. Ids read 'sam(sgd)', hyperparameters as `callNames` says. */
export function defineWrapper<const H extends HyperSpec, S extends State>(
  definition: WrapperDefinition<H, S>,
): WrapperFactory<H> {
  const { id, summary, source, hyper, check, init, step, evaluationPoint, evaluationView } = definition;
  type Own = StepContext<S, SymbolicHypers<H>>;

  const create = (base: Optimizer, given: ByName<unknown>): Optimizer => {
    if (typeof base?.step !== 'function') {
      const hint = typeof base === 'function' ? '; it is a factory: call it' : '';
      throw new HyperError(`${id}: takes a configured optimizer such as sgd({ lr: 0.1 })${hint}`);
    }
    const name = `${id}(${base.id})`;
    const called = callNames(id, hyper, base.spec);
    const outside = <T>(own: ByName<T>): Record<string, T> =>
      Object.fromEntries(Object.entries(own).map(([key, value]) => [called[key], value]));
    const spec = { ...outside<Hyper>(hyper), ...base.spec };
    const values = resolveHyper(name, hyper, given);
    const shared = Object.keys(hyper).filter((key) => called[key] !== key);
    // Of a name that both have, each sees its own.
    const ownHyper = (all: ByName<unknown>): ByName<unknown> =>
      shared.length === 0 ? all : { ...all, ...Object.fromEntries(shared.map((key) => [key, all[called[key]]])) };
    const baseHyper = (all: ByName<unknown>, view: ByName<unknown> = all): ByName<unknown> =>
      shared.length === 0 ? view : { ...view, ...Object.fromEntries(shared.map((key) => [key, all[key]])) };
    const baseUnder = (all: ByName<unknown>): Optimizer =>
      shared.length === 0 ? base : { ...base, init: (w, view) => base.init(w, baseHyper(all, view)) };
    const problem = check?.(values, base);
    if (problem) throw new HyperError(`${name}: ${problem}`);
    // Without a state of its own a wrapper does not show in the state.
    const baseOf = (state: State): State => (init ? (state as Nested<S>).base : state);
    const ownOf = (state: State): S => (init ? (state as Nested<S>).own : {}) as S;
    const optimizer: Optimizer = {
      kind: 'symbolic',
      id: name,
      spec,
      values: { ...outside<number | boolean | string>(values), ...base.values },
      batches: base.batches,
      init(w, symbols) {
        const inner = base.init(w, symbols);
        return init ? { base: inner, own: init(w, ownHyper(symbols) as SymbolicHypers<H>, baseUnder(symbols)) } : inner;
      },
      step(context) {
        const baseState = baseOf(context.state);
        const baseStep: BaseStep = (view) =>
          base.step({ ...context, ...view, state: baseState, hyper: baseHyper(context.hyper, view?.hyper) });
        const own = { ...context, hyper: ownHyper(context.hyper), state: ownOf(context.state), baseState } as Own & {
          baseState: State;
        };
        const next = step(own, baseStep, baseUnder(context.hyper));
        return { w: next.w, state: init ? { base: next.state, own: next.own as S } : next.state };
      },
      with(changes) {
        for (const key of Object.keys(changes)) {
          if (!(key in spec)) {
            const names = Object.keys(spec).join(', ');
            throw new HyperError(`${name}: there is no hyperparameter '${key}'; it has ${names}`);
          }
        }
        const mine = Object.entries(called).filter(([, outer]) => outer in changes);
        const own = Object.fromEntries(mine.map(([key, outer]) => [key, changes[outer]]));
        return create(base.with(belonging(base.spec, changes)), { ...given, ...own });
      },
    };
    if (!evaluationPoint && !base.evaluationPoint) return optimizer;
    return {
      ...optimizer,
      evaluationPoint(context) {
        const { hyper: all } = context;
        const own = { ...context, hyper: ownHyper(all), state: ownOf(context.state) } as EvaluationContext<
          S,
          SymbolicHypers<H>
        >;
        const evaluate: BaseEvaluation = (view) => {
          const seen = { ...context, ...evaluationView?.(own), ...view };
          const inner = { ...seen, state: baseOf(context.state), hyper: baseHyper(all, seen.hyper) };
          return base.evaluationPoint?.(inner) ?? context.w;
        };
        return evaluationPoint ? evaluationPoint(own, evaluate, base) : evaluate();
      },
    };
  };
  return Object.assign((base: Optimizer, values: Partial<HyperValues<H>> = {}) => create(base, values), {
    id,
    summary,
    source,
    hyper,
  });
}
