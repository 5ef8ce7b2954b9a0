import { scalar } from '../../tensor/tensor.ts';
import { log, within } from '../hyper.ts';
import { defineSchedule } from './schedule.ts';
import { indexing, overRest, warmup, warmupForm, warmupMode } from './warmup.ts';

// Schedules with a decay parameter alpha. It is given by the factor that the rate has lost after the whole run, which is how it is tuned.

const hyper = {
  warmup: warmup(),
  warmupForm: warmupForm(),
  warmupMode: warmupMode(),
  finalRatio: within('(0, 1]', (v) => v > 0 && v <= 1)(0.1, {
    tune: log(1e-3, 0.3),
    doc: 'factor after the whole run',
  }),
  indexing: indexing(),
};
const source = 'Li, Zhuang & Orabona 2021, arXiv:2002.05273, section 3';

/**
 * Exponential: alpha^p with alpha = finalRatio^(1 / n). Li, Zhuang & Orabona 2021, arXiv:2002.05273; their theory has finalRatio = beta / T.
 * beta >= 1; they count steps from 1 (indexing 'one'). Beyond the horizon finalRatio stays.
 */
export const exponential = defineSchedule({
  id: 'exponential',
  summary: 'exponential decay to a ratio',
  source,
  hyper,
  multiplier: (context) => overRest(context, (p, n) => context.hyper.finalRatio.pow(p.div(n))),
});

/**
 * 1 / (1 + alpha p) with alpha n = 1 / finalRatio - 1: the rate's final share of itself is what one tunes, not alpha. Li, Zhuang & Orabona 2021
 * count from 1. Beyond the horizon finalRatio stays, so that every schedule ends alike.
 */
export const inverseTime = defineSchedule({
  id: 'inverse-time',
  summary: '1 / t decay to a ratio',
  source,
  hyper,
  multiplier: (context) =>
    overRest(context, (p, n) => {
      const alpha = context.hyper.finalRatio.reciprocal().sub(1).div(n);
      return scalar(1, 'float64').div(p.mul(alpha).add(1));
    }),
});

/** 1 / (1 + alpha sqrt(p)) with alpha sqrt(n) = 1 / finalRatio - 1; otherwise as `inverseTime`. */
export const inverseSqrt = defineSchedule({
  id: 'inverse-sqrt',
  summary: '1 / sqrt(t) decay to a ratio',
  source,
  hyper,
  multiplier: (context) =>
    overRest(context, (p, n) => {
      const alpha = context.hyper.finalRatio.reciprocal().sub(1).div(n.sqrt());
      return scalar(1, 'float64').div(p.sqrt().mul(alpha).add(1));
    }),
});
