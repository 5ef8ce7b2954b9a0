import { scalar, type Tensor } from '../../tensor/tensor.ts';
import { HyperError, type HyperSpec, type HyperValues, resolveHyper } from '../hyper.ts';
import type { Optimizer, StepContext, SymbolicHypers } from '../optimizer.ts';
import { defineWrapper, type WrapperFactory } from '../wrapper.ts';

/** Where a run stands, as float64 scalars: `t` numbers the step from 1, `horizon` is the planned number of steps. */
export interface ScheduleContext<H> {
  readonly t: Tensor;
  readonly horizon: Tensor;
  readonly hyper: H;
}

/** What the file of a schedule says: what every learning rate is multiplied by at step t. */
export interface ScheduleDefinition<H extends HyperSpec> {
  readonly id: string;
  readonly summary: string;
  readonly source: string;
  readonly hyper: H;
  readonly check?: (values: HyperValues<H>) => string | null;
  readonly multiplier: (context: ScheduleContext<SymbolicHypers<H>>) => Tensor;
  /** What takes the place of the base's momentum at step t, where the schedule has a say in it. Absent or undefined: the base's own. */
  readonly momentum?: (context: ScheduleContext<SymbolicHypers<H>>) => Tensor | undefined;
}

/** A configured schedule. */
export interface Schedule {
  readonly id: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly wrapper: WrapperFactory;
  multiplier(context: ScheduleContext<Readonly<Record<string, unknown>>>): Tensor;
}

export interface ScheduleFactory<H extends HyperSpec = HyperSpec> {
  (values?: Partial<HyperValues<H>>): Schedule;
  readonly id: string;
  readonly summary: string;
  readonly source: string;
  readonly hyper: H;
  /** The schedule as a wrapper, for composed names: 'cosine(adamw)'. */
  readonly wrapper: WrapperFactory<H>;
}

/** Hyperparameters that schedules scale: 'lr', those that end in 'Lr', and either within a group ('head.lr'). */
export const isLearningRate = (name: string): boolean => /(^|\.)lr$|Lr$/.test(name);

const learningRates = ({ spec }: Optimizer): string[] =>
  Object.keys(spec).filter((name) => isLearningRate(name) && spec[name].kind === 'number');

/** Hyperparameters that are momentum in use: 'momentum' or 'beta1', also within a group, where they are numbers and not switched off. */
const momenta = ({ spec, values }: Optimizer): string[] =>
  Object.keys(spec).filter(
    (name) =>
      /(^|\.)(momentum|beta1)$/.test(name) &&
      (spec[name].kind === 'number' || (spec[name].kind === 'optional' && values[name] !== 0)),
  );

/** What is wrong with scaling this base's learning rates: it has none. */
export const needsRate = (base: Optimizer): string | null =>
  learningRates(base).length === 0 ? `${base.id} has no learning rate that a schedule could scale` : null;

/** How a base sees its step when its learning rates are multiplied by a factor, and its momentum, if it is given, replaced. */
export function scaled(
  { hyper, schedule }: Pick<StepContext, 'hyper' | 'schedule'>,
  base: Optimizer,
  factor: Tensor,
  momentum?: Tensor,
): Pick<StepContext, 'hyper' | 'schedule'> {
  const rates = learningRates(base).map((name) => [name, (hyper[name] as Tensor).mul(factor)]);
  const others = momentum ? momenta(base).map((name) => [name, momentum]) : [];
  return { hyper: { ...hyper, ...Object.fromEntries([...rates, ...others]) }, schedule: schedule.mul(factor) };
}

export function defineSchedule<const H extends HyperSpec>(definition: ScheduleDefinition<H>): ScheduleFactory<H> {
  const { id, summary, source, hyper, check, multiplier, momentum } = definition;
  const wrapper = defineWrapper({
    id,
    summary,
    source,
    hyper,
    check: (values, base) => needsRate(base) ?? check?.(values) ?? null,
    step({ t, horizon, hyper: symbols, schedule }, step, base) {
      const context = { t, horizon, hyper: symbols as SymbolicHypers<H> };
      return step(scaled({ hyper: symbols, schedule }, base, multiplier(context), momentum?.(context)));
    },
  });
  const create = (values: Partial<HyperValues<H>> = {}): Schedule => {
    const resolved = resolveHyper(id, hyper, values);
    const problem = check?.(resolved);
    if (problem) throw new HyperError(`${id}: ${problem}`);
    return {
      id,
      values,
      wrapper: wrapper as unknown as WrapperFactory,
      multiplier: (context) => multiplier(context as ScheduleContext<SymbolicHypers<H>>),
    };
  };
  return Object.assign(create, { id, summary, source, hyper, wrapper });
}

/** The optimizer with every learning rate multiplied by the schedule. Schedules nest: their multipliers multiply. */
export const withSchedule = (optimizer: Optimizer, schedule: Schedule): Optimizer =>
  schedule.wrapper(optimizer, schedule.values as Record<string, never>);

export const one = (): Tensor => scalar(1, 'float64');
