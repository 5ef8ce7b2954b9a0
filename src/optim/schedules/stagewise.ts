import { where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { log, nonNegative, optional, within } from '../hyper.ts';
import { stepsOf } from '../rules.ts';
import { defineSchedule, one } from './schedule.ts';
import { afterWarmup, warmup, warmupForm } from './warmup.ts';

/**
 * Stagewise: the rate drops by a factor at each of up to two milestones; the step whose number (from 1) is a milestone already has the
 * new rate (Li, Zhuang & Orabona 2021, arXiv:2002.05273, section 5). Beyond the horizon the last rate stays.
 */
export const stagewise = defineSchedule({
  id: 'stagewise',
  summary: 'drops at up to two milestones',
  source: 'Li, Zhuang & Orabona 2021, arXiv:2002.05273, section 5',
  hyper: {
    warmup: warmup(),
    warmupForm: warmupForm(),
    factor: within('(0, 1]', (v) => v > 0 && v <= 1)(0.1, {
      tune: log(0.03, 0.5),
      doc: 'what the rate is multiplied by',
    }),
    milestone1: optional(nonNegative(0.5, { doc: 'step of the first drop; below 1: a share of the run; 0: none' })),
    milestone2: optional(nonNegative(0.75, { doc: 'step of the second drop; below 1: a share of the run; 0: none' })),
  },
  multiplier: (context) =>
    afterWarmup(context, () => {
      const { t, horizon, hyper } = context;
      const drop = (milestone: Tensor | undefined) =>
        milestone ? where(t.ge(stepsOf(milestone, horizon)), hyper.factor, 1) : one();
      return drop(hyper.milestone1).mul(drop(hyper.milestone2));
    }),
});
