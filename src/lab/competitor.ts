import { checkBrackets } from '../optim/composed-name.ts';
import { type Hyper, type HyperSpec, legalRange, type TuningRange } from '../optim/hyper.ts';
import { type AnyOptimizer, type OptimizerFactory, UnknownOptimizerError } from '../optim/index.ts';
import { isLearningRate } from '../optim/schedules/schedule.ts';
import { type Cast, castOf, optimizerOf } from './cast.ts';
import type { CompetitorPlan, SchedulePlan, Values } from './plan.ts';
import { nearest, RaceError, unknownName } from './race-error.ts';
import { scheduled, takesSchedule } from './schedule.ts';
import type { SearchSpace } from './search/search.ts';

/** A competitor as a race names it. A string is a name, with values to fix in brackets: `sgd[momentum=0.9]`. */
export interface CompetitorOptions {
  /** What tables and charts call it. Default: the optimizer's name. */
  readonly label?: string;
  /**
   * A name, of the registry or of the race's module, or an optimizer of your own: values that you gave to it, and that are not its
   * defaults, are not tuned.
   */
  readonly optimizer: string | AnyOptimizer | OptimizerFactory;
  /** Values that are not tuned. */
  readonly fixed?: Values;
  /** What is tuned, and where. Default: the tuning ranges that the optimizer declares. */
  readonly space?: SearchSpace;
  /** The values that a coordinate-wise search tries, where they are not those it would derive from `space`. */
  readonly grids?: Readonly<Record<string, readonly number[]>>;
  /** Where a search that needs a beginning begins. Default: the optimizer's defaults. */
  readonly start?: Readonly<Record<string, number>>;
  /** Whether the race's schedule applies. Default: yes, but for methods that are defined without one. */
  readonly scheduled?: boolean;
}

/** A competitor as a race gives it: a name, an optimizer, or either with options. */
export type GivenCompetitor = string | AnyOptimizer | OptimizerFactory | CompetitorOptions;

const optionsOf = (given: GivenCompetitor, at: string): CompetitorOptions =>
  typeof given === 'string'
    ? parseCompetitor(given, at)
    : optimizerOf(given)
      ? { optimizer: given as AnyOptimizer | OptimizerFactory }
      : (given as CompetitorOptions);

/** Completes what a race gives; refuses unknown names and illegal values before anything runs. `at` is where it stands: 'competitors[2]'. */
export function planCompetitor(given: GivenCompetitor, cast: Cast = castOf(), at = ''): CompetitorPlan {
  const options = optionsOf(given, at);
  const own = optimizerOf(options.optimizer);
  const name = own ? (options.label ?? own.id) : (options.optimizer as string);
  const label = options.label ?? (typeof given === 'string' ? given.trim() : name);
  // In a string, values stand in brackets, not in a field.
  const where = (field: string) => (typeof given === 'string' ? `${within(at, '')}'${given}': ` : within(at, field));
  const optimizer = own ?? named(name, cast, within(at, typeof given === 'string' ? '' : 'optimizer'));
  const asked = options.fixed ?? {};
  checkFixed(optimizer, asked, where('fixed.'));
  const fixed = own ? { ...configured(own, options.space), ...asked } : asked;
  const space = learningRateFirst(options.space ?? declaredSpace(optimizer.spec, fixed));
  for (const [hyper, range] of Object.entries(space)) {
    checkTuned(optimizer, hyper, where('space.'));
    checkRange(optimizer.spec[hyper], range, `${where('space.')}${hyper}`);
    if (hyper in asked) throw new RaceError(`${where('space.')}${hyper} is to be tuned and is fixed, too; choose one`);
  }
  for (const [field, names] of Object.entries({ grids: options.grids ?? {}, start: options.start ?? {} })) {
    for (const [hyper, value] of Object.entries(names)) {
      const path = `${where(`${field}.`)}${hyper}`;
      if (!(hyper in space)) throw new RaceError(`${path} is not tuned; what is tuned: ${list(Object.keys(space))}`);
      for (const one of [value].flat()) checkValue(optimizer.spec[hyper], one, path);
    }
  }
  const { values } = withValues(optimizer, asked, where('fixed'));
  const start = Object.fromEntries(
    Object.keys(space).map((hyper) => [hyper, options.start?.[hyper] ?? Number(values[hyper])]),
  );
  return {
    label,
    optimizer: name,
    fixed,
    space,
    ...(options.grids && { grids: options.grids }),
    start,
    scheduled: options.scheduled ?? takesSchedule(optimizer),
  };
}

const within = (at: string, field: string): string => (at === '' ? field : field === '' ? `${at}: ` : `${at}.${field}`);

const list = (names: readonly string[]): string => names.join(', ') || 'nothing';

function named(name: string, cast: Cast, at: string): AnyOptimizer {
  try {
    return cast.optimizer(name);
  } catch (error) {
    const where = at === '' || at.endsWith(' ') ? at : `${at}: `;
    const unknown = error instanceof UnknownOptimizerError && unknownName('optimizer', error.unknown, error.known);
    throw new RaceError(`${where}${unknown || (error as Error).message}`, { cause: error });
  }
}

function checkFixed({ id, spec }: AnyOptimizer, fixed: Values, at: string): void {
  for (const [name, value] of Object.entries(fixed)) {
    if (!(name in spec)) throw new RaceError(`${at}${name}: ${missing(id, spec, name)}`);
    checkValue(spec[name], value, `${at}${name}`);
  }
}

function checkTuned({ id, spec }: AnyOptimizer, name: string, at: string): void {
  if (!(name in spec)) throw new RaceError(`${at}${name}: ${missing(id, spec, name)}`);
  const { kind } = spec[name];
  if (kind !== 'number' && kind !== 'optional') {
    throw new RaceError(`${at}${name}: ${id}'s ${name} is a ${kind}; only numbers are tuned`);
  }
}

function missing(id: string, spec: HyperSpec, name: string): string {
  const near = nearest(name, Object.keys(spec));
  return `${id} has no hyperparameter '${name}'; ${near ? `did you mean '${near}'?` : `it has ${list(Object.keys(spec))}`}`;
}

function checkValue(hyper: Hyper, value: unknown, at: string): void {
  const legal = legalRange(hyper, value);
  if (legal !== null) throw new RaceError(`${at} is ${JSON.stringify(value)}; it must ${legal}`);
}

function checkRange(hyper: Hyper, { scale, low, high }: TuningRange, at: string): void {
  checkValue(hyper, low, `${at}.low`);
  checkValue(hyper, high, `${at}.high`);
  if (low >= high) throw new RaceError(`${at}.low is ${low}; it must lie below high, which is ${high}`);
  if (scale === 'log' && low <= 0) throw new RaceError(`${at}.low is ${low}; on a log scale it must be positive`);
  if (scale === 'logOneMinus' && high >= 1) {
    throw new RaceError(`${at}.high is ${high}; where 1 - value is on a log scale it must lie below 1`);
  }
}

/** Values that are legal one by one may not be together. */
function withValues(optimizer: AnyOptimizer, values: Values, at: string): AnyOptimizer {
  try {
    return optimizer.with(values);
  } catch (error) {
    throw new RaceError(`${at.endsWith(': ') ? at : `${at}: `}${(error as Error).message}`);
  }
}

/** What a caller set when making an optimizer: values that are not the defaults stay as they are, unless they are to be tuned. */
const configured = ({ spec, values }: AnyOptimizer, space: SearchSpace = {}): Values =>
  Object.fromEntries(
    Object.entries(values).filter(([name, value]) => value !== spec[name]?.default && !(name in space)),
  );

function declaredSpace(spec: HyperSpec, fixed: Values): SearchSpace {
  const tuned = Object.entries(spec).flatMap(([name, hyper]: [string, Hyper]) =>
    'tune' in hyper && hyper.tune && !(name in fixed) ? [[name, hyper.tune] as const] : [],
  );
  return Object.fromEntries(tuned);
}

const learningRateFirst = (space: SearchSpace): SearchSpace => {
  const entries = Object.entries(space);
  return Object.fromEntries([
    ...entries.filter(([name]) => isLearningRate(name)),
    ...entries.filter(([name]) => !isLearningRate(name)),
  ]);
};

/** The optimizer of one run: with its values, and under the race's schedule where that applies. */
export function competitorOptimizer(
  plan: CompetitorPlan,
  values: Values,
  schedule: SchedulePlan,
  cast: Cast,
): AnyOptimizer {
  const optimizer = cast.optimizer(plan.optimizer, { ...plan.fixed, ...values });
  return plan.scheduled && optimizer.kind === 'symbolic' ? scheduled(optimizer, schedule) : optimizer;
}

/** `sgd[momentum=0.9,nesterov=true]` fixes two values; `sam(sgd)` fixes none. */
export function parseCompetitor(text: string, at = ''): CompetitorOptions & { readonly optimizer: string } {
  const match = /^([^[\]]+)\[([^[\]]*)\]$/.exec(text.trim());
  const where = within(at, '');
  readable(text, where);
  if (!match) {
    if (/[[\]]/.test(text)) throw new RaceError(`${where}'${text}' is no competitor; write, say, sgd[momentum=0.9]`);
    return { optimizer: text.trim() };
  }
  const fixed = match[2].split(',').map((pair) => {
    const [name, value] = pair.split('=').map((part) => part.trim());
    if (!name || !value) {
      throw new RaceError(`${where}'${text}': '${pair}' sets nothing; write, say, sgd[momentum=0.9]`);
    }
    return [name, parseValue(value)];
  });
  return { optimizer: match[1].trim(), fixed: Object.fromEntries(fixed) };
}

function readable(text: string, where: string): void {
  try {
    checkBrackets(text);
  } catch (error) {
    throw new RaceError(`${where}${(error as Error).message}`, { cause: error });
  }
}

function parseValue(text: string): number | boolean | string {
  if (text === 'true' || text === 'false') return text === 'true';
  return Number.isNaN(Number(text)) ? text : Number(text);
}
