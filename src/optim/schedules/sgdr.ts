import { where } from '../../tensor/functions.ts';
import { count, fraction, nonNegative, positive, within } from '../hyper.ts';
import { stepsOf } from '../rules.ts';
import { defineSchedule } from './schedule.ts';
import { afterWarmup, warmup, warmupForm, warmupMode } from './warmup.ts';

/**
 * SGDR: a cosine to the floor, then back to the peak at once; cycles may lengthen. Loshchilov & Hutter 2017, arXiv:1608.03983, eq. 5.
 *
 *   cycle c = 0, 1, ... has T_c = cycle cycleGrowth^c steps;  q of them being done,
 *   floor + (peakDecay^c - floor) (1 + cos(pi q / T_c)) / 2
 *
 * The peak of a cycle is never below the floor. With `cycleWarmup` V the first V steps of every cycle rise linearly from the floor, q / V of the
 * way, and the cosine has q - V of T_c - V steps. Restarts leave the optimizer's momentum alone. Cycles go on beyond the horizon. Where `cycle`
 * is a number of steps, so is the time of each restart: cycle (1 + cycleGrowth + ... ).
 */
export const sgdr = defineSchedule({
  id: 'sgdr',
  summary: 'cosine with warm restarts',
  source: 'Loshchilov & Hutter 2017, arXiv:1608.03983, eq. 5',
  hyper: {
    warmup: warmup(),
    warmupForm: warmupForm(),
    warmupMode: warmupMode(),
    cycle: positive(0.25, { doc: 'steps of the first cycle, T_0; below 1: a share of the run' }),
    cycleGrowth: count(1, 'each cycle is so many times as long as the one before, T_mult'),
    floor: fraction(0, { doc: 'last factor of a cycle' }),
    peakDecay: within('(0, 1]', (v) => v > 0 && v <= 1)(1, { doc: 'the peak is multiplied by it at each restart' }),
    cycleWarmup: nonNegative(0, { doc: 'steps of linear warmup at the start of each cycle' }),
  },
  check: ({ cycle, cycleWarmup }) =>
    cycle >= 1 && cycleWarmup >= cycle
      ? `cycleWarmup is ${cycleWarmup}; it must lie in [0, cycle), [0, ${cycle})`
      : null,
  multiplier(context) {
    const { t, horizon, hyper } = context;
    const { cycle, cycleGrowth: growth, floor, peakDecay, cycleWarmup: V } = hyper;
    return afterWarmup(context, (W) => {
      const p = t.sub(1).sub(W).maximum(0);
      const first = stepsOf(cycle, horizon).maximum(1);
      // p = first (growth^c - 1) / (growth - 1) at the start of cycle c. The addends heal the rounding of quotients and powers.
      const c =
        growth === 1
          ? p.div(first).add(1e-9).floor()
          : p
              .div(first)
              .mul(growth - 1)
              .add(1)
              .log()
              .div(Math.log(growth))
              .add(1e-9)
              .floor();
      const times = growth === 1 ? c.mul(0).add(1) : c.mul(Math.log(growth)).exp().round();
      const start =
        growth === 1
          ? c.mul(first)
          : times
              .sub(1)
              .div(growth - 1)
              .mul(first);
      const q = p.sub(start).maximum(0);
      const peak = peakDecay.pow(c).maximum(floor);
      const share = q.sub(V).div(first.mul(times).sub(V).maximum(1)).clip(0, 1);
      const rise = where(q.lt(V), q.div(V.maximum(1)), share.mul(Math.PI).cos().add(1).mul(0.5));
      return peak.sub(floor).mul(rise).add(floor);
    });
  },
});
