import { TensorError } from '../../tensor/error.ts';

/** Parameters of a finished run by name, as a trainer gives them. */
export type Weights = Readonly<Record<string, WeightTensor>>;
export interface WeightTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** What is wrong with joining two sets of weights; null when they have the same tensors. */
function difference(a: Weights, b: Weights): string | null {
  const missing = [...Object.keys(a), ...Object.keys(b)].find((name) => !(name in a && name in b));
  if (missing !== undefined) return `only one of them has '${missing}'`;
  const other = Object.keys(a).find((name) => a[name].shape.join() !== b[name].shape.join());
  return other === undefined ? null : `'${other}' is [${a[other].shape}] in one and [${b[other].shape}] in the other`;
}

/** The mean of n + 1 sets of weights, given that of the first n: (n mean + weights) / (n + 1). */
function including(mean: Weights, n: number, weights: Weights): Weights {
  const problem = difference(mean, weights);
  if (problem) throw new TensorError('averageRuns', `takes runs of one model, but ${problem}`);
  return Object.fromEntries(
    Object.entries(mean).map(([name, { shape, data }]) => {
      const more = weights[name].data;
      // Twice the precision until the last rounding where data are float32.
      return [name, { shape, data: data.map((x: number, i: number) => (x * n + more[i]) / (n + 1)) }];
    }),
  );
}

/**
 * DiWA: the mean of the weights of M independent fine-tunings from one shared initialisation, head included. Rame et al. 2022,
 * arXiv:2205.09739, eq. 2 (uniform). Each run gives its checkpoint of best validation; their hyperparameters differ mildly, so that they stay
 * linearly connected. Running statistics of batch norm do not average: recompute them.
 */
export function averageRuns(runs: readonly Weights[]): Weights {
  if (runs.length === 0) throw new TensorError('averageRuns', 'takes at least one run');
  return runs.slice(1).reduce((mean, weights, i) => including(mean, i + 1, weights), runs[0]);
}

/** A finished run and its score on validation data of the training domains; higher is better. */
export interface ScoredRun {
  readonly weights: Weights;
  readonly score: number;
}

export interface Selection {
  readonly weights: Weights;
  /** Indices of the runs that were taken, best first. */
  readonly members: readonly number[];
  readonly score: number;
}

/**
 * DiWA restricted: runs in order of their scores, best first; each joins the mean if that scores no worse than before. Rame et al. 2022,
 * Algorithm 1. Ties are accepted, unlike in model soups (Wortsman et al. 2022): `ties`.
 */
export async function averageSelectedRuns(
  runs: readonly ScoredRun[],
  evaluate: (weights: Weights) => number | Promise<number>,
  { ties = 'accept' }: { ties?: 'accept' | 'reject' } = {},
): Promise<Selection> {
  if (runs.length === 0) throw new TensorError('averageSelectedRuns', 'takes at least one run');
  const order = [...runs.keys()].sort((a, b) => runs[b].score - runs[a].score);
  let best: Selection | undefined;
  for (const index of order) {
    const { weights } = runs[index];
    const mean = best ? including(best.weights, best.members.length, weights) : weights;
    const score = await evaluate(mean);
    if (Number.isNaN(score)) throw new TensorError('averageSelectedRuns', 'the evaluation gave no number');
    const joins = !best || (ties === 'accept' ? score >= best.score : score > best.score);
    if (joins) best = { weights: mean, members: [...(best?.members ?? []), index], score };
  }
  return best as Selection;
}
