import type { Advice, Probe, Result, Study, Tuner } from '../lab/tuners/tuner.ts';

/** Runs a tuner to its end on a function of the settings in place of training. `least` is the lowest value of all. */
export function finishStudy<Options>(
  tuner: Tuner<Options>,
  study: Study,
  given: Readonly<Record<string, unknown>>,
  of: (values: Probe['values']) => number,
): {
  readonly probes: readonly Probe[];
  readonly best: Probe | null;
  readonly scores: readonly number[];
  readonly least: number;
} {
  const options = tuner.options.parse(given);
  const results = new Map<string, Result>();
  let advice: Advice;
  for (;;) {
    advice = tuner.advise(study, options, results);
    if (advice.done) break;
    const open = advice.probes.filter(({ key }) => !results.has(key));
    if (open.length === 0) throw new Error(`${tuner.kind} asks for nothing and is not done`);
    for (const { key, values } of open) results.set(key, { score: of(values), loss: 0 });
  }
  const scores = advice.probes.map(({ key }) => results.get(key)?.score ?? Number.NaN);
  return { probes: advice.probes, best: advice.done.best, scores, least: Math.min(...scores) };
}
