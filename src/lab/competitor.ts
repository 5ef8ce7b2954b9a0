import type { Hyper, HyperSpec } from '../optim/hyper.ts';
import { type AnyOptimizer, getOptimizer } from '../optim/registry.ts';
import { isLearningRate } from '../optim/schedules/schedule.ts';
import type { CompetitorPlan, SchedulePlan, Values } from './protocol.ts';
import { scheduled, takesSchedule } from './schedule.ts';
import type { SearchSpace } from './search.ts';

/** A competitor as a caller names it. A string is a registry name, with values to fix in brackets: `sgd[momentum=0.9]`. */
export interface CompetitorOptions {
  /** Default: the optimizer's name. */
  readonly label?: string;
  /** Values that you gave to an optimizer of your own, and that are not its defaults, are not tuned. */
  readonly optimizer: string | AnyOptimizer;
  /** Values that are not tuned. */
  readonly fixed?: Values;
  /** Default: the tuning ranges that the optimizer declares. */
  readonly space?: SearchSpace;
  /** Whether the race's schedule applies. Default: yes, but for methods that are defined without one. */
  readonly scheduled?: boolean;
}

/** A competitor that is given wrongly. */
export class CompetitorError extends Error {
  override readonly name = 'CompetitorError';
}

export interface Competitor {
  readonly plan: CompetitorPlan;
  readonly optimizer: AnyOptimizer;
}

/** Completes what a caller gave; refuses unknown names and illegal values before anything runs. */
export function planCompetitor(given: string | CompetitorOptions): Competitor {
  const options = typeof given === 'string' ? parseCompetitor(given) : given;
  const asked = options.fixed ?? {};
  const own = typeof options.optimizer === 'string' ? null : options.optimizer;
  const optimizer = own ? own.with(asked) : getOptimizer(options.optimizer as string, asked);
  const fixed = own ? { ...configured(own, options.space), ...asked } : asked;
  const label = options.label ?? (typeof given === 'string' ? given : optimizer.id);
  const space = options.space ?? declaredSpace(optimizer.spec, fixed);
  for (const name of Object.keys(space)) {
    if (!(name in optimizer.spec)) throw new CompetitorError(`${label}: there is no hyperparameter '${name}' to tune`);
  }
  const plan: CompetitorPlan = {
    label,
    optimizer: own ? own.id : (options.optimizer as string),
    fixed,
    space: learningRateFirst(space),
    scheduled: options.scheduled ?? takesSchedule(optimizer),
  };
  return { plan, optimizer };
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

/** The optimizer of one run. */
export function competitorOptimizer(plan: CompetitorPlan, values: Values, schedule: SchedulePlan): AnyOptimizer {
  return dress(getOptimizer(plan.optimizer, { ...plan.fixed, ...values }), plan, schedule);
}

/** Puts the race's schedule on, where it applies. */
export const dress = (optimizer: AnyOptimizer, plan: CompetitorPlan, schedule: SchedulePlan): AnyOptimizer =>
  plan.scheduled && optimizer.kind === 'symbolic' ? scheduled(optimizer, schedule) : optimizer;

/** `sgd[momentum=0.9,nesterov=true]` fixes two values; `sam(sgd)` fixes none. */
export function parseCompetitor(text: string): CompetitorOptions & { readonly optimizer: string } {
  const match = /^([^[\]]+)\[([^[\]]*)\]$/.exec(text.trim());
  if (!match) {
    if (/[[\]]/.test(text)) throw new CompetitorError(`'${text}' is no competitor; write, say, sgd[momentum=0.9]`);
    return { optimizer: text.trim() };
  }
  const fixed = match[2].split(',').map((pair) => {
    const [name, value] = pair.split('=').map((part) => part.trim());
    if (!name || !value) throw new CompetitorError(`'${text}': '${pair}' sets nothing; write, say, sgd[momentum=0.9]`);
    return [name, parseValue(value)];
  });
  return { optimizer: match[1].trim(), fixed: Object.fromEntries(fixed) };
}

function parseValue(text: string): number | boolean | string {
  if (text === 'true' || text === 'false') return text === 'true';
  return Number.isNaN(Number(text)) ? text : Number(text);
}
