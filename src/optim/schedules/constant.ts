import { defineSchedule, one } from './schedule.ts';
import { afterWarmup, warmup, warmupForm } from './warmup.ts';

/** The full rate, after a warmup; it knows no horizon. */
export const constant = defineSchedule({
  id: 'constant',
  summary: 'constant rate after warmup',
  source: 'common practice',
  hyper: { warmup: warmup(), warmupForm: warmupForm() },
  multiplier: (context) => afterWarmup(context, one),
});
