import { zerosLike } from '../../tensor/bundle.ts';
import { log, nonNegative, optional, positive } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { l2 } from '../rules.ts';

/**
 * COCOB-Backprop: each coordinate bets a part of its wealth on the outcomes of a coin, its negative gradients. Orabona & Tommasi 2017,
 * arXiv:1705.07795, Algorithm 2.
 *
 *   L <- max(L, |g|),  G <- G + |g|,  R <- max(R - g (w - w_0), 0),  theta <- theta - g
 *   w <- w_0 + theta (L + R) / (L max(G + L, alpha L)),  L = L0 at first
 *
 * There is no learning rate: scaling a coordinate of all gradients changes nothing while they are larger than L0. (Optax has one, which
 * multiplies the gradients: a constant one does nothing.) alpha keeps the first steps small: the first moves a coordinate by 1 / alpha.
 */
export const cocob = defineOptimizer({
  id: 'cocob',
  summary: 'coin betting for each coordinate, no learning rate',
  source: 'Orabona & Tommasi 2017, arXiv:1705.07795, Algorithm 2',
  hyper: {
    alpha: positive(100, { tune: log(1, 1000), doc: 'first steps are 1 / alpha' }),
    L0: positive(1e-8, { doc: 'least size that a gradient is taken to have' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'L2 regularisation in the gradient' })),
  },
  init: (w, { L0 }) => {
    const zero = zerosLike(w);
    return { start: w, theta: zero, G: zero, R: zero, L: zero.add(L0) };
  },
  step({ w, state, oracle, hyper: { alpha, weightDecay } }) {
    const { start } = state;
    const g = l2(oracle.grad(w), w, weightDecay);
    const L = state.L.maximum(g.abs());
    const G = state.G.add(g.abs());
    const R = state.R.sub(g.mul(w.sub(start))).maximum(0);
    const theta = state.theta.sub(g);
    // Quotients of gradients first: products of two would leave the range of float32 early.
    const bet = theta.div(L).mul(L.add(R).div(G.add(L).maximum(L.mul(alpha))));
    return { w: start.add(bet), state: { start, theta, G, R, L } };
  },
});
