import { Bundle, type Layout } from '../tensor/bundle.ts';
import { parameter } from '../tensor/functions.ts';
import type { Graph } from '../tensor/graph.ts';
import { RandomStreams } from '../tensor/random.ts';
import { scalar, type Tensor } from '../tensor/tensor.ts';
import { flatten, type Tree, unflatten } from '../tensor/tree.ts';
import type { HyperSpec } from './hyper.ts';
import type { Optimizer, State, StepContext, Validation } from './optimizer.ts';
import { createOracle, type Objective, type Oracle, type OracleCalls } from './oracle.ts';

/** A graph whose inputs and outputs go by name. An output named like an input is its next value. */
export interface Program {
  readonly graph: Graph;
  /** Names of the graph's outputs, in order; its inputs carry their own. */
  readonly outputs: readonly string[];
}

/** One question `every(k, phase, length)` and the answer this program was traced with. */
export interface PhaseAnswer {
  readonly k: number;
  readonly phase: number;
  readonly length: number;
  readonly answer: boolean;
}

/** A traced step, right for every step number that gives the same answers. */
export interface StepProgram extends Program {
  readonly phases: readonly PhaseAnswer[];
  readonly calls: OracleCalls;
}

/** Is step t (from 1) one of every k, counted from `phase`, or one of the `length` steps that begin there? */
export const isDue = (t: number, k: number, phase: number, length = 1): boolean =>
  (((t - 1 - phase) % k) + k) % k < length;

/** Would tracing at step t give this program? */
export const serves = ({ phases }: StepProgram, t: number): boolean =>
  phases.every(({ k, phase, length, answer }) => isDue(t, k, phase, length) === answer);

/** What the caller of a step program minimises, and outputs of its own that go with the step (running statistics). */
export interface StepObjective extends Objective {
  /** Further outputs by name, asked for after the step was traced. */
  outputs?(): Readonly<Record<string, Tensor>>;
}

/** Placeholders of the quantities that every step has. */
export interface StepSymbols {
  readonly w: Bundle;
  readonly t: Tensor;
  readonly horizon: Tensor;
  readonly hyper: Readonly<Record<string, unknown>>;
}

/** Numbers become float64 inputs named 'hyper.<name>'; what shapes the program stays a plain value. */
export function symbolicHypers(spec: HyperSpec, values: Optimizer['values']): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(spec).map(([name, { kind }]) => {
      const value = values[name];
      if (kind === 'optional' && value === 0) return [name, undefined];
      return [name, kind === 'number' || kind === 'optional' ? parameter(`hyper.${name}`, [], 'float64') : value];
    }),
  );
}

/** Names of the inputs that the trainer sets after each evaluation. */
export const validationInputs = { loss: 'validation.loss', count: 'validation.count' } as const satisfies Record<
  keyof Validation,
  string
>;

const symbolsFor = (optimizer: Optimizer, layout: Layout): StepSymbols => ({
  w: Bundle.fromFlat(layout, parameter('w', [layout.size])),
  t: parameter('t', [], 'float64'),
  horizon: parameter('horizon', [], 'float64'),
  hyper: symbolicHypers(optimizer.spec, optimizer.values),
});

/** A program with outputs in the order of their names; its inputs are the parameters that the outputs depend on. */
export function programOf(outputs: Readonly<Record<string, Tensor>>): Program {
  const tensors = Object.values(outputs);
  return { graph: { inputs: parametersOf(tensors), outputs: tensors }, outputs: Object.keys(outputs) };
}

function parametersOf(outputs: readonly Tensor[]): Tensor<'parameter'>[] {
  const seen = new Set<Tensor>();
  const found: Tensor<'parameter'>[] = [];
  const stack = [...outputs];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.is('parameter')) found.push(node);
    stack.push(...node.inputs);
  }
  return found.sort((a, b) => a.id - b.id);
}

const stateRecord = (state: State): Record<string, Tensor> => {
  const { paths, leaves } = flatten(state as Tree<Tensor>);
  return Object.fromEntries(paths.map((path, i) => [path === '' ? 'state' : `state.${path}`, leaves[i]]));
};

/** State placeholders in the form that `init` gives. */
function stateSymbols(optimizer: Optimizer, symbols: StepSymbols): State {
  const initial = optimizer.init(symbols.w, symbols.hyper);
  const named = stateRecord(initial);
  const placeholders = Object.entries(named).map(([name, { shape, dtype }]) => parameter(name, shape, dtype));
  return unflatten(initial as Tree<Tensor>, placeholders) as State;
}

/** The program that makes the initial state from the initial parameters: outputs 'state.*'. */
export function traceInit(optimizer: Optimizer, layout: Layout): Program {
  const { w, hyper } = symbolsFor(optimizer, layout);
  return programOf(stateRecord(optimizer.init(w, hyper)));
}

/** The same oracle; `watch` sees every loss that it tells. */
const watched = (oracle: Oracle, watch: (value: Tensor) => Tensor): Oracle => ({
  ...oracle,
  loss: (w, at) => watch(oracle.loss(w, at)),
  grad: (w, at) => {
    const { value, grad } = oracle.valueAndGrad(w, at);
    watch(value);
    return grad;
  },
  valueAndGrad: (w, at) => {
    const answer = oracle.valueAndGrad(w, at);
    watch(answer.value);
    return answer;
  },
  withTerm: (term) => watched(oracle.withTerm(term), watch),
});

/** Traces one step at step number t: outputs 'w', 'state.*', 'loss' where the step learned it, and the objective's own. */
export function traceStep(
  optimizer: Optimizer,
  layout: Layout,
  makeObjective: (symbols: StepSymbols) => StepObjective,
  t: number,
): StepProgram {
  const symbols = symbolsFor(optimizer, layout);
  const objective = makeObjective(symbols);
  const { oracle, calls } = createOracle(objective);
  const phases: PhaseAnswer[] = [];
  let loss: Tensor | undefined;
  const watch = (value: Tensor): Tensor => {
    loss ??= value;
    return value;
  };
  const context: StepContext = {
    ...symbols,
    state: stateSymbols(optimizer, symbols),
    schedule: scalar(1, 'float64'),
    oracle: watched(oracle, watch),
    every: (k, phase = 0, length = 1) => {
      const answer = isDue(t, k, phase, length);
      phases.push({ k, phase, length, answer });
      return answer;
    },
    random: new RandomStreams('optimizer'),
    validation: {
      loss: parameter(validationInputs.loss, [], 'float64'),
      count: parameter(validationInputs.count, [], 'float64'),
    },
  };
  const next = optimizer.step(context);
  const outputs = {
    w: next.w.flat,
    ...stateRecord(next.state),
    ...(loss && { loss }),
    ...objective.outputs?.(),
  };
  return { ...programOf(outputs), phases, calls };
}

/** The program from parameters and state to the parameters to evaluate (output 'w'); null where they are the trained ones. */
export function traceEvaluationPoint(optimizer: Optimizer, layout: Layout): Program | null {
  if (!optimizer.evaluationPoint) return null;
  const symbols = symbolsFor(optimizer, layout);
  const state = stateSymbols(optimizer, symbols);
  return programOf({ w: optimizer.evaluationPoint({ ...symbols, state }).flat });
}
