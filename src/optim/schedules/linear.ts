import { fraction } from '../hyper.ts';
import { oneMinus } from '../rules.ts';
import { defineSchedule } from './schedule.ts';
import { indexing, overRest, warmup, warmupForm, warmupMode } from './warmup.ts';

/**
 * Linear decay, by default to zero. Bergsma et al. 2025, arXiv:2502.15938 ("D2Z"); Defazio et al. 2023, arXiv:2310.07831.
 *
 *   floor + (1 - floor) (1 - p / n),  p of the n steps after warmup
 *
 * indexing 'zero': the first step has the full rate, the last 1 / n of it. 'one' is the form of the theory, 1 - t / T, whose last step is 0;
 * 'inner' is 1 - t / (T + 1), which wastes no step. D2Z is `linear({ warmup: 0.1 })`, for AdamW with weightDecay 0.1 and a tuned peak (that the
 * paper warms up for a tenth of the run is UNVERIFIED); `floor: 0.1` is the "10x decay" it improves on. Beyond the horizon the floor stays.
 */
export const linear = defineSchedule({
  id: 'linear',
  summary: 'linear decay to zero, or to a floor',
  source: 'Bergsma et al. 2025, arXiv:2502.15938; Defazio et al. 2023, arXiv:2310.07831',
  hyper: {
    warmup: warmup(),
    warmupForm: warmupForm(),
    warmupMode: warmupMode(),
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
