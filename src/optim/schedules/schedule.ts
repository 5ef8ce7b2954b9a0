import { scalar, type Tensor } from '../../tensor/tensor.ts';
import { HyperError, type HyperSpec, type HyperValues, resolveHyper } from '../hyper.ts';
import type { Optimizer, SymbolicHypers } from '../optimizer.ts';
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

export function defineSchedule<const H extends HyperSpec>(definition: ScheduleDefinition<H>): ScheduleFactory<H> {
  const { id, summary, source, hyper, check, multiplier } = definition;
  const wrapper = defineWrapper({
    id,
    summary,
    source,
    hyper,
    check(values, base) {
      if (learningRates(base).length === 0) return `${base.id} has no learning rate that a schedule could scale`;
      return check?.(values) ?? null;
    },
    step({ t, horizon, hyper: symbols, schedule }, step, base) {
      const factor = multiplier({ t, horizon, hyper: symbols as SymbolicHypers<H> });
      const all = symbols as Readonly<Record<string, unknown>>;
      const scaled = learningRates(base).map((name) => [name, (all[name] as Tensor).mul(factor)]);
      return step({ hyper: { ...all, ...Object.fromEntries(scaled) }, schedule: schedule.mul(factor) });
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
