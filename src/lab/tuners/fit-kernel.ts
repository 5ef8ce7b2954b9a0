import { unitPoints } from '../search/search.ts';
import { condition, type Kernel } from './gp.ts';
import type { Point } from './rounds.ts';

/** Bounds of a kernel's numbers, for points in the unit cube and values of mean 0 and variance 1. */
const bounds = { length: [0.05, 5], variance: [0.05, 20], noise: [1e-6, 1] } as const;

/** Where the first search starts; the others start at quasi-random places between the bounds. */
const usual = { length: 0.5, variance: 1, noise: 1e-3 } as const;
const starts = 3;
const iterations = 50;

/**
 * The kernel that makes the observations likeliest, of those between the bounds. The likelihood may have several maxima, so it is
 * climbed from several places, by Rprop in the logarithms of the numbers (Blum & Riedmiller 2013, Optimization of Gaussian process
 * hyperparameters using Rprop; iRprop- of Igel & Hüsken 2003), which needs no line search and does not mind the scale of the slopes.
 */
export function fitKernel(points: readonly Point[], values: ArrayLike<number>, seed: number): Kernel {
  const dimensions = points[0].length;
  const ranges = [...Array<readonly [number, number]>(dimensions).fill(bounds.length), bounds.variance, bounds.noise];
  const low = ranges.map(([least]) => Math.log(least));
  const high = ranges.map(([, most]) => Math.log(most));
  const first = [...Array<number>(dimensions).fill(usual.length), usual.variance, usual.noise].map(Math.log);
  const others = unitPoints('halton', starts - 1, dimensions + 2, seed).map((point) =>
    point.map((u, i) => low[i] + u * (high[i] - low[i])),
  );
  let best: { readonly at: readonly number[]; readonly logLikelihood: number } | null = null;
  for (const start of [first, ...others]) {
    const end = climb(start, low, high, (at) => condition(points, values, kernelAt(at, dimensions)));
    if (end && (best === null || end.logLikelihood > best.logLikelihood)) best = end;
  }
  return kernelAt(best?.at ?? first, dimensions);
}

const kernelAt = (logs: readonly number[], dimensions: number): Kernel => ({
  lengths: logs.slice(0, dimensions).map(Math.exp),
  variance: Math.exp(logs[dimensions]),
  noise: Math.exp(logs[dimensions + 1]),
});

/** The best place on the way up; null when nothing on it can be evaluated. */
function climb(
  start: readonly number[],
  low: readonly number[],
  high: readonly number[],
  evaluate: (at: readonly number[]) => { readonly logLikelihood: number; gradient(): Float64Array } | null,
): { readonly at: readonly number[]; readonly logLikelihood: number } | null {
  const at = [...start];
  const steps = at.map(() => 0.1);
  let before: Float64Array = new Float64Array(at.length);
  let best: { readonly at: readonly number[]; readonly logLikelihood: number } | null = null;
  for (let iteration = 0; iteration < iterations; iteration++) {
    const here = evaluate(at);
    if (here === null) break;
    if (best === null || here.logLikelihood > best.logLikelihood) {
      best = { at: [...at], logLikelihood: here.logLikelihood };
    }
    const gradient = here.gradient();
    let moved = 0;
    for (let i = 0; i < at.length; i++) {
      const turn = gradient[i] * before[i];
      steps[i] = turn > 0 ? Math.min(1, steps[i] * 1.2) : turn < 0 ? steps[i] * 0.5 : steps[i];
      if (turn < 0) gradient[i] = 0;
      const next = Math.min(high[i], Math.max(low[i], at[i] + Math.sign(gradient[i]) * steps[i]));
      moved = Math.max(moved, Math.abs(next - at[i]), turn < 0 ? steps[i] : 0);
      at[i] = next;
    }
    if (moved < 1e-4) break;
    before = gradient;
  }
  return best;
}
