import type { Probe, Result, Results } from './tuner.ts';

/** Indices of the results with a finite score, best first: by score, then loss, then order. */
export const inOrder = (results: readonly Result[]): number[] =>
  results
    .map((_, i) => i)
    .filter((i) => Number.isFinite(results[i].score))
    .sort((i, j) => results[i].score - results[j].score || results[i].loss - results[j].loss || i - j);

/** The best of the probes that ended; null when none has a finite score. */
export function bestOf(probes: readonly Probe[], results: Results): Probe | null {
  const ended = probes.flatMap((probe) => {
    const result = results.get(probe.key);
    return result ? [{ probe, result }] : [];
  });
  const [first] = inOrder(ended.map(({ result }) => result));
  return first === undefined ? null : ended[first].probe;
}
