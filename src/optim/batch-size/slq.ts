import { defineDriven } from '../driven.ts';
import { choice, count, fraction, log, nonNegative, positive } from '../hyper.ts';
import { lanczos, type RitzPairs, ritz } from './lanczos.ts';

/** The extreme curvatures that a rate is made from. */
export interface Extremes {
  readonly largest: number;
  readonly smallest: number;
}

/**
 * The largest Ritz value and the smallest one that counts: the smallest positive ('min-positive', values under 1e-10 of the largest being 0), or the
 * one below which `share` of the positive spectrum's weight lies ('quantile'). Null where none is positive.
 */
export function extremes(
  { values, weights }: RitzPairs,
  smallest: 'min-positive' | 'quantile',
  share: number,
): Extremes | null {
  const largest = values[values.length - 1];
  const kept = values.map((value, i) => ({ value, weight: weights[i] })).filter(({ value }) => value > 1e-10 * largest);
  if (!(largest > 0) || kept.length === 0) return null;
  if (smallest === 'min-positive') return { largest, smallest: kept[0].value };
  const mass = kept.reduce((sum, { weight }) => sum + weight, 0) * share;
  let below = 0;
  for (const { value, weight } of kept) {
    below += weight;
    if (below >= mass) return { largest, smallest: value };
  }
  return { largest, smallest: largest };
}

/** The best heavy ball on a quadratic (Polyak 1964): lr = (2 / (sqrt L + sqrt l))^2, momentum = ((sqrt L - sqrt l) / (sqrt L + sqrt l))^2. */
export function heavyBallOf({ largest, smallest }: Extremes): { lr: number; momentum: number } {
  const [top, bottom] = [Math.sqrt(largest), Math.sqrt(smallest)];
  return { lr: (2 / (top + bottom)) ** 2, momentum: ((top - bottom) / (top + bottom)) ** 2 };
}

/** The best constant rate without momentum: 2 / (L + l). */
export const plainRateOf = ({ largest, smallest }: Extremes): number => 2 / (largest + smallest);

/** -1 and 1 that look drawn by chance, alike for alike (size, t): a 32-bit mix of both. */
function signs(size: number, t: number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => {
    let x = Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(t, 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return (x ^ (x >>> 15)) & 1 ? 1 : -1;
  });
}

type Memory = { readonly momentum: number; readonly lr: number; readonly buffer: Float64Array };

/**
 * Heavy ball whose rate and momentum are read off the spectrum of a batch's Hessian every so often: stochastic Lanczos quadrature. Granziol, Zohren &
 * Roberts 2022, arXiv:2006.09092.
 *
 *   every `refresh` steps: `order` Lanczos steps from random signs; L the largest and l the smallest Ritz value that counts
 *   lr = damping (2 / (sqrt L + sqrt l))^2,  momentum = ((sqrt L - sqrt l) / (sqrt L + sqrt l))^2;   'plain': 2 / (L + l), 0
 *   m <- momentum m + g,  w <- w - lr m
 *
 * UNVERIFIED: which Ritz value the paper takes for l, what it does with negative ones (left out here), how often it refreshes, and its damping: this
 * is our reading. Before a spectrum with a positive value was seen, and where a product is not finite, the step is `fallbackLr`. The starting signs
 * depend on the step alone, so that a run repeats.
 */
export const slq = defineDriven({
  id: 'slq',
  summary: 'heavy ball with rate and momentum from Lanczos estimates of curvature',
  source: 'Granziol, Zohren & Roberts 2022, arXiv:2006.09092',
  hyper: {
    damping: positive(1, { tune: log(1e-3, 0.3), doc: 'factor of the learned rate; 1 is for problems without noise' }),
    order: count(10, 'Lanczos steps, each a Hessian-vector product'),
    refresh: count(100, 'steps between estimates'),
    form: choice('heavy-ball', ['heavy-ball', 'plain'], 'plain: without momentum'),
    smallest: choice('min-positive', ['min-positive', 'quantile'], 'which Ritz value is the smallest that counts'),
    quantile: fraction(0.1, { doc: "share of the positive spectrum below the smallest value, for 'quantile'" }),
    fallbackLr: nonNegative(1e-3, { doc: 'rate while no positive curvature is known' }),
  },
  init: (size): Memory => ({ momentum: 0, lr: 0, buffer: new Float64Array(size) }),
  async step({ w, state, oracle, t, hyper }) {
    const { damping, order, refresh, form, smallest, quantile, fallbackLr } = hyper;
    let { lr, momentum } = state;
    if ((t - 1) % refresh === 0) {
      const { alpha, beta } = await lanczos((v) => oracle.hessianVector(w, v), signs(w.length, t), order);
      const finite = alpha.every(Number.isFinite) && beta.every(Number.isFinite);
      const found = finite ? extremes(ritz({ alpha, beta }), smallest, quantile) : null;
      const learned = found && (form === 'plain' ? { lr: plainRateOf(found), momentum: 0 } : heavyBallOf(found));
      lr = learned ? learned.lr * damping : lr || fallbackLr;
      momentum = learned ? learned.momentum : momentum;
    }
    const { value, grad } = await oracle.valueAndGrad(w);
    const buffer = state.buffer.map((m, i) => momentum * m + grad[i]);
    return { w: w.map((x, i) => x - lr * buffer[i]), state: { momentum, lr, buffer }, loss: value };
  },
});
