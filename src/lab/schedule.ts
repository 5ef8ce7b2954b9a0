import type { Optimizer } from '../optim/optimizer.ts';
import { type AnyOptimizer, schedules } from '../optim/registry.ts';
import { constant } from '../optim/schedules/constant.ts';
import { cosine } from '../optim/schedules/cosine.ts';
import { linear } from '../optim/schedules/linear.ts';
import { isLearningRate, type Schedule, withSchedule } from '../optim/schedules/schedule.ts';
import type { SchedulePlan } from './plan.ts';

const decays: { readonly [K in SchedulePlan['decay']]: (values: { warmup: number }) => Schedule } = {
  linear,
  cosine,
  none: constant,
};

export const scheduled = (optimizer: Optimizer, { warmup, decay }: SchedulePlan): Optimizer =>
  withSchedule(optimizer, decays[decay]({ warmup }));

/**
 * Does a race's schedule apply? Not to methods that are defined by having none, to those with a host loop of their own (line
 * searches), to those without a learning rate, and to those that come with a schedule: 'cosine(sgd)'.
 */
export const takesSchedule = ({ kind, id, spec }: AnyOptimizer): boolean =>
  kind === 'symbolic' &&
  !id.includes('schedule-free') &&
  !schedules.some((schedule) => id.includes(`${schedule.id}(`)) &&
  Object.keys(spec).some((name) => isLearningRate(name) && spec[name].kind === 'number');
