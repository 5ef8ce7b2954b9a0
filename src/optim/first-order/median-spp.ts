import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { choice, log, positive } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';

type Rates = Readonly<Record<'tau' | 'mu', Tensor>>;

/** tau / (1 + tau). */
const share = (tau: Tensor): Tensor => tau.div(tau.add(1));
/** d scaled by min(most, length / |d|); 0 stays 0. */
const shorten = (d: Bundle, most: Tensor | number, length: Tensor): Bundle => d.mul(length.div(d.norm()).minimum(most));
const box = (d: Bundle, bound: Tensor): Bundle => d.clip(bound.neg(), bound);

/** How far the estimate moves towards a gradient that is d away: the proximal step of each distance. */
const moves = {
  mean: (d: Bundle, { tau }: Rates) => d.mul(share(tau)),
  vclip: (d: Bundle, { tau }: Rates) => shorten(d, 1, tau),
  cclip: (d: Bundle, { tau }: Rates) => box(d, tau),
  vhuber: (d: Bundle, { tau, mu }: Rates) => shorten(d, share(tau), tau.mul(mu)),
  chuber: (d: Bundle, { tau, mu }: Rates) => box(d.mul(share(tau)), tau.mul(mu)),
};

/**
 * Descent along a running median of the gradients, tracked by a stochastic proximal point step. Schaipp, Garrigos, Simsekli & Gower 2024,
 * arXiv:2402.12828.
 *
 *   m <- argmin_x D(g - x) + |x - m|^2 / (2 tau),   w <- w - lr m.   With d = g - m:
 *   mean    D = |.|^2 / 2     m + tau / (1 + tau) d: momentum with decay 1 / (1 + tau)
 *   vclip   D = |.|           m + min(1, tau / |d|) d: a geometric median, clipping of the whole
 *   cclip   D = |.|_1         m + clip(d, -tau, tau): a median of each coordinate
 *   vhuber  Huber of |.|      m + min(tau / (1 + tau), tau mu / |d|) d
 *   chuber  the same for each coordinate
 *
 * Huber: |z|^2 / 2 up to mu, mu |z| - mu^2 / 2 beyond. |.| runs over all parameters. With m set to 0 before each step vclip would be clipped
 * SGD. The proximal steps are derived from these distances; the paper's scaling of Huber and its default of tau could not be verified.
 */
export const medianSpp = defineOptimizer({
  id: 'median-spp',
  summary: 'descent along a running median of the gradients',
  source: 'Schaipp, Garrigos, Simsekli & Gower 2024, arXiv:2402.12828',
  hyper: {
    lr: positive(0.1, { tune: log(1e-3, 3), doc: 'step size' }),
    distance: choice('vclip', ['mean', 'vclip', 'cclip', 'vhuber', 'chuber'], 'whose minimiser is tracked'),
    tau: positive(0.1, { tune: log(1e-3, 3), doc: 'step size of the estimate' }),
    mu: positive(1, { doc: 'where the Huber distances become linear' }),
  },
  init: (w) => ({ m: zerosLike(w) }),
  step({ w, state, oracle, hyper: { lr, distance, tau, mu } }) {
    const m = state.m.add(moves[distance](oracle.grad(w).sub(state.m), { tau, mu }));
    return { w: w.sub(m.mul(lr)), state: { m } };
  },
});
