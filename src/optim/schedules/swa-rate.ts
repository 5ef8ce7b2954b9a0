import { where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { remainder } from '../averaging/running-mean.ts';
import { choice, count, fraction, linear, nonNegative, within } from '../hyper.ts';
import { oneMinus, stepsOf } from '../rules.ts';
import { defineSchedule } from './schedule.ts';

/**
 * The rates of SWA: down to a high constant before averaging begins, then that constant, or cycles below it. Izmailov et al. 2018,
 * arXiv:1803.05407, section 3.1 and eq. in section 3.2; their train.py.
 *
 *   q = (t - 1) / swaRateStart:  1 while q <= 0.5, linearly to swaFactor at q = 0.9, swaFactor from there
 *   from swaRateStart on:  swaFactor (1 - u + u cycleLow),  u = ((t - 1) mod cycleSteps + 1) / cycleSteps
 *
 * Each cycle falls from swaFactor to swaFactor cycleLow and ends at a multiple of cycleSteps, where 'swa' with swaEvery = cycleSteps takes its
 * weights; cycleLow = 1 is the constant variant. `approach` 'cos' and 'linear' are PyTorch's SWALR instead: the full rate up to swaRateStart, then
 * annealSteps down to swaFactor, x = (t - 1 - swaRateStart) / annealSteps of the way; they have no cycles.
 */
export const swaRate = defineSchedule({
  id: 'swa-rate',
  summary: 'down to a high constant rate, or cycles, for SWA',
  source: 'Izmailov et al. 2018, arXiv:1803.05407, section 3',
  hyper: {
    swaRateStart: nonNegative(0.75, { doc: 'step at which averaging begins; below 1: a share of the run' }),
    swaFactor: fraction(0.5, { tune: linear(0.1, 1), doc: 'factor of the rate while averaging' }),
    cycleSteps: count(1, 'steps of a cycle'),
    cycleLow: fraction(1, { doc: 'rate at the end of a cycle, as a share of that at its start' }),
    approach: choice(
      'authors',
      ['authors', 'cos', 'linear'],
      "how swaFactor is reached: before the start, or after it as in PyTorch's SWALR",
    ),
    annealSteps: within('[1, inf)', (v) => v >= 1)(10, { doc: "steps to swaFactor under approach 'cos' and 'linear'" }),
  },
  check: ({ approach, cycleLow }) =>
    approach !== 'authors' && cycleLow !== 1 ? `cycleLow is ${cycleLow}; with approach ${approach} it must be 1` : null,
  multiplier({ t, horizon, hyper }) {
    const { swaFactor, cycleSteps, cycleLow, approach, annealSteps } = hyper;
    const start = stepsOf(hyper.swaRateStart, horizon);
    const done = t.sub(1);
    const fallen = (x: Tensor): Tensor => oneMinus(oneMinus(swaFactor).mul(x));
    if (approach !== 'authors') {
      const x = done.sub(start).div(annealSteps).clip(0, 1);
      return fallen(approach === 'linear' ? x : oneMinus(x.mul(Math.PI).cos()).mul(0.5));
    }
    const q = done.div(start.maximum(1));
    const approaching = fallen(q.sub(0.5).div(0.4).clip(0, 1));
    const u = remainder(done, t.mul(0).add(cycleSteps)).add(1).div(cycleSteps);
    return where(t.gt(start), swaFactor.mul(oneMinus(oneMinus(cycleLow).mul(u))), approaching);
  },
});
