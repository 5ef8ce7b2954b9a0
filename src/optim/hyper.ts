/**
 * Hyperparameters: default, legal range, tuning range. Numbers are runtime inputs of a compiled step, so a sweep compiles once;
 * counts, flags and choices are static: they shape the program.
 */

/** How a race draws values: uniformly, on a log scale, or log-uniform in 1 - value (for momenta near 1). */
export interface TuningRange {
  readonly scale: 'linear' | 'log' | 'logOneMinus';
  readonly low: number;
  readonly high: number;
}

export const linear = (low: number, high: number): TuningRange => ({ scale: 'linear', low, high });
export const log = (low: number, high: number): TuningRange => ({ scale: 'log', low, high });
/** Log-uniform in 1 - value: `logOneMinus(0.9, 0.999)` spends as much on [0.9, 0.99] as on [0.99, 0.999]. */
export const logOneMinus = (low: number, high: number): TuningRange => ({ scale: 'logOneMinus', low, high });

/** The value at quantile u in [0, 1) of a tuning range. */
export function quantile({ scale, low, high }: TuningRange, u: number): number {
  if (scale === 'linear') return low + u * (high - low);
  if (scale === 'log') return low * (high / low) ** u;
  return 1 - (1 - low) * ((1 - high) / (1 - low)) ** u;
}

interface Described {
  /** One line: what it does. */
  readonly doc: string;
}

/** A number that the compiled step reads at run time. */
export interface NumberHyper extends Described {
  readonly kind: 'number';
  readonly default: number;
  /** As printed: '(0, inf)', '[0, 1)'. */
  readonly range: string;
  readonly legal: (value: number) => boolean;
  readonly tune?: TuningRange;
}

/** A number whose 0 switches a mechanism off, and its state with it. Steps see `undefined` then. */
export interface OptionalHyper extends Omit<NumberHyper, 'kind'> {
  readonly kind: 'optional';
}

/** A whole number from 1 that shapes the program. */
export interface CountHyper extends Described {
  readonly kind: 'count';
  readonly default: number;
}

/** A switch that shapes the program. */
export interface FlagHyper extends Described {
  readonly kind: 'flag';
  readonly default: boolean;
}

/** One of several named variants. */
export interface ChoiceHyper<C extends string = string> extends Described {
  readonly kind: 'choice';
  readonly default: C;
  readonly options: readonly C[];
}

export type Hyper = NumberHyper | OptionalHyper | CountHyper | FlagHyper | ChoiceHyper;
export type HyperSpec = Readonly<Record<string, Hyper>>;

interface Extra {
  doc?: string;
  tune?: TuningRange;
}

const number =
  (range: string, legal: (value: number) => boolean) =>
  (value: number, { doc = '', tune }: Extra = {}): NumberHyper => ({
    kind: 'number',
    default: value,
    range,
    legal: (v) => Number.isFinite(v) && legal(v),
    doc,
    tune,
  });

export const positive = number('(0, inf)', (v) => v > 0);
export const nonNegative = number('[0, inf)', (v) => v >= 0);
/** A decay rate or momentum. */
export const unit = number('[0, 1)', (v) => v >= 0 && v < 1);
/** A share of a whole. */
export const fraction = number('[0, 1]', (v) => v >= 0 && v <= 1);
export const real = number('(-inf, inf)', () => true);
/** Any open, half-open or closed interval by its own test. */
export const within = (range: string, legal: (value: number) => boolean) => number(range, legal);

/** `optional(unit(0))`: exactly 0 switches the mechanism off. */
export const optional = (hyper: NumberHyper): OptionalHyper => ({ ...hyper, kind: 'optional' });
export const count = (value: number, doc = ''): CountHyper => ({ kind: 'count', default: value, doc });
export const flag = (value: boolean, doc = ''): FlagHyper => ({ kind: 'flag', default: value, doc });
export const choice = <const O extends readonly string[]>(
  value: O[number],
  options: O,
  doc = '',
): ChoiceHyper<O[number]> => ({ kind: 'choice', default: value, options, doc });

/** What a user gives for a hyperparameter. */
export type HyperValue<H extends Hyper> = H extends FlagHyper ? boolean : H extends ChoiceHyper<infer C> ? C : number;

export type HyperValues<S extends HyperSpec> = { readonly [K in keyof S]: HyperValue<S[K]> };

/** A hyperparameter outside its legal range, or one that does not exist. */
export class HyperError extends Error {
  override readonly name = 'HyperError';
}

/** Completes given values with defaults; refuses illegal and unknown ones by name, value and range. */
export function resolveHyper<S extends HyperSpec>(
  id: string,
  spec: S,
  given: Partial<Record<string, unknown>>,
): HyperValues<S> {
  if (typeof given !== 'object' || given === null) {
    throw new HyperError(`${id}: hyperparameters are given by name, as in ${id}({ lr: 0.1 }), not as ${String(given)}`);
  }
  for (const name of Object.keys(given)) {
    if (!(name in spec)) {
      throw new HyperError(`${id}: there is no hyperparameter '${name}'; it has ${Object.keys(spec).join(', ')}`);
    }
  }
  const values = Object.entries(spec).map(([name, hyper]) => {
    const value = given[name] ?? hyper.default;
    const legal = legalRange(hyper, value);
    if (legal !== null) throw new HyperError(`${id}: ${name} is ${String(value)}; it must ${legal}`);
    return [name, value];
  });
  return Object.fromEntries(values) as HyperValues<S>;
}

/** Null when the value is legal, otherwise what it must do: 'lie in [0, 1)'. */
export function legalRange(hyper: Hyper, value: unknown): string | null {
  switch (hyper.kind) {
    case 'number':
    case 'optional':
      return typeof value === 'number' && hyper.legal(value) ? null : `lie in ${hyper.range}`;
    case 'count':
      return Number.isInteger(value) && (value as number) >= 1 ? null : 'be a whole number from 1';
    case 'flag':
      return typeof value === 'boolean' ? null : 'be true or false';
    case 'choice':
      return hyper.options.includes(value as string) ? null : `be one of ${hyper.options.join(', ')}`;
  }
}
