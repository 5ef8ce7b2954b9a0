import { fraction } from '../hyper.ts';
import { oneMinus } from '../rules.ts';
import { defineSchedule } from './schedule.ts';
import { indexing, overRest, warmup, warmupForm } from './warmup.ts';

/**
 * Half a cosine, by default to zero. Loshchilov & Hutter 2017, arXiv:1608.03983, eq. 5, one cycle; Li, Zhuang & Orabona 2021, arXiv:2002.05273.
 *
 *   floor + (1 - floor) (1 + cos(pi p / n)) / 2,  p of the n steps after warmup
 *
 * Li et al. count steps from 1 (indexing 'one'), so that their last step does nothing; libraries count from 0, as here by default.
 */
export const cosine = defineSchedule({
  id: 'cosine',
  summary: 'half a cosine to zero, or to a floor',
  source: 'Loshchilov & Hutter 2017, arXiv:1608.03983, eq. 5; Li, Zhuang & Orabona 2021, arXiv:2002.05273',
  hyper: {
    warmup: warmup(),
    warmupForm: warmupForm(),
    floor: fraction(0, { doc: 'last factor' }),
    indexing: indexing(),
  },
  multiplier: (context) => {
    const { floor } = context.hyper;
    return overRest(context, (p, n) => oneMinus(floor).mul(p.div(n).mul(Math.PI).cos().add(1).mul(0.5)).add(floor));
  },
});
