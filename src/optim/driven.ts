import { type HyperSpec, type HyperValues, resolveHyper } from './hyper.ts';
import type { At, OracleCalls } from './oracle.ts';

/** What a driven method keeps between steps: numbers and vectors, in any nesting; a checkpoint holds it. */
export type HostState = number | Float64Array | readonly HostState[] | { readonly [name: string]: HostState };

/** Bytes of host state: every number is a float64. */
export const hostStateBytes = (state: HostState): number => {
  if (typeof state === 'number') return Float64Array.BYTES_PER_ELEMENT;
  if (state instanceof Float64Array) return state.byteLength;
  return Object.values(state).reduce((sum: number, part: HostState) => sum + hostStateBytes(part), 0);
};

/** The oracle of a driven method: compiled functions of a parameter vector in float64. Every call is counted. */
export interface HostOracle {
  loss(w: Float64Array, at?: At): Promise<number>;
  valueAndGrad(w: Float64Array, at?: At): Promise<{ value: number; grad: Float64Array }>;
  hessianVector(w: Float64Array, v: Float64Array, at?: At): Promise<Float64Array>;
  readonly calls: OracleCalls;
}

export interface DrivenContext<S = HostState, H = Readonly<Record<string, number | boolean | string>>> {
  readonly w: Float64Array;
  readonly state: S;
  readonly oracle: HostOracle;
  /** Number of this step, from 1. */
  readonly t: number;
  readonly horizon: number;
  /** The latest evaluation of the run: its loss (NaN before the first) and how many there were. */
  readonly validation: { readonly loss: number; readonly count: number };
  readonly hyper: H;
}

export interface DrivenResult<S = HostState> {
  readonly w: Float64Array;
  readonly state: S;
  /** The loss at the start of the step. */
  readonly loss: number;
}

/** A configured method with a host-side loop (line searches, inner solvers): a host function that calls compiled oracles. */
export interface DrivenOptimizer {
  readonly kind: 'driven';
  readonly id: string;
  readonly spec: HyperSpec;
  readonly values: Readonly<Record<string, number | boolean | string>>;
  readonly batches: number;
  init(size: number): HostState;
  step(context: DrivenContext): Promise<DrivenResult>;
  with(values: Readonly<Record<string, unknown>>): DrivenOptimizer;
}

export interface DrivenDefinition<H extends HyperSpec, S extends HostState> {
  readonly id: string;
  readonly summary: string;
  readonly source: string;
  readonly hyper: H;
  readonly batches?: number;
  /** State for `size` parameters. */
  readonly init: (size: number) => S;
  readonly step: (context: DrivenContext<S, HyperValues<H>>) => Promise<DrivenResult<S>>;
}

export interface DrivenFactory<H extends HyperSpec = HyperSpec> {
  (values?: Partial<HyperValues<H>>): DrivenOptimizer;
  readonly id: string;
  readonly summary: string;
  readonly source: string;
  readonly hyper: H;
}

export function defineDriven<const H extends HyperSpec, S extends HostState>(
  definition: DrivenDefinition<H, S>,
): DrivenFactory<H> {
  const { id, summary, source, hyper, batches = 1, init, step } = definition;
  const create = (given: Partial<Record<string, unknown>> = {}): DrivenOptimizer => ({
    kind: 'driven',
    id,
    spec: hyper,
    values: resolveHyper(id, hyper, given),
    batches,
    init,
    step: (context) => step(context as unknown as DrivenContext<S, HyperValues<H>>),
    with: (values) => create({ ...given, ...values }),
  });
  return Object.assign((values?: Partial<HyperValues<H>>) => create(values), { id, summary, source, hyper });
}
