import { fraction, nonNegative } from '../hyper.ts';
import { oneMinus } from '../rules.ts';
import { defineSchedule } from './schedule.ts';
import { indexing, overRest, warmup, warmupForm, warmupMode } from './warmup.ts';

/**
 * Half a cosine, by default to zero. Loshchilov & Hutter 2017, arXiv:1608.03983, eq. 5, one cycle; Li, Zhuang & Orabona 2021, arXiv:2002.05273.
 *
 *   floor + (1 - floor) (1 + cos(pi p / n)) / 2,  p of the n steps after warmup
 *
 * Li et al. count steps from 1 (indexing 'one'), so that their last step does nothing; libraries count from 0, as here by default. `hold` ends
 * the cosine so many steps early and stays at the floor ("cos-inf" of Hagele et al. 2024, arXiv:2405.18392, whose floor is 0.1). Beyond the
 * horizon the factor stays at the floor.
 */
export const cosine = defineSchedule({
  id: 'cosine',
  summary: 'half a cosine to zero, or to a floor',
  source: 'Loshchilov & Hutter 2017, arXiv:1608.03983, eq. 5; Li, Zhuang & Orabona 2021, arXiv:2002.05273',
  hyper: {
    warmup: warmup(),
    warmupForm: warmupForm(),
    warmupMode: warmupMode(),
    floor: fraction(0, { doc: 'last factor' }),
    indexing: indexing(),
    hold: nonNegative(0, { doc: 'steps at the end that have the floor; below 1: a share of the run' }),
  },
  multiplier: (context) => {
    const { floor, hold } = context.hyper;
    return overRest(
      context,
      (p, n) => oneMinus(floor).mul(p.div(n).mul(Math.PI).cos().add(1).mul(0.5)).add(floor),
      hold,
    );
  },
});
