import { fraction } from '../hyper.ts';
import { oneMinus } from '../rules.ts';
import { defineSchedule } from './schedule.ts';
import { indexing, overRest, warmup, warmupForm } from './warmup.ts';

/**
 * Linear decay, by default to zero. Bergsma et al. 2025, arXiv:2502.15938 ("D2Z"); Defazio et al. 2023, arXiv:2310.07831.
 *
 *   floor + (1 - floor) (1 - p / n),  p of the n steps after warmup
 *
 * indexing 'zero': the first step has the full rate, the last 1 / n of it. 'one' is the form of the theory, 1 - t / T, whose last step is 0.
 */
export const linear = defineSchedule({
  id: 'linear',
  summary: 'linear decay to zero, or to a floor',
  source: 'Bergsma et al. 2025, arXiv:2502.15938; Defazio et al. 2023, arXiv:2310.07831',
  hyper: {
    warmup: warmup(),
    warmupForm: warmupForm(),
    floor: fraction(0, { doc: 'last factor' }),
    indexing: indexing(),
  },
  multiplier: (context) => {
    const { floor } = context.hyper;
    return overRest(context, (p, n) =>
      oneMinus(floor)
        .mul(oneMinus(p.div(n)))
        .add(floor),
    );
  },
});
