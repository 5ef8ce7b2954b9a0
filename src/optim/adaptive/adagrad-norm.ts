import { flag, log, positive } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';

/**
 * AdaGrad-Norm: SGD with one step size for all parameters, divided by the root of the sum of squared gradient norms. Ward, Wu & Bottou 2019,
 * arXiv:1806.01811, Algorithm 1; Attia & Koren 2023, arXiv:2302.08783, Algorithm 1.
 *
 *   b^2 <- b^2 + |g|^2,  w <- w - lr / b g
 *
 * |g| runs over all tensors: the analysis is of one global scalar, so there is no layer-wise form. Attia & Koren call lr eta and b0 gamma and
 * prove, with high probability and for any values of both, an average |grad f|^2 of order 1 / T + sigma0 / sqrt(T) (up to logarithms) under
 * noise |g - grad f|^2 <= sigma0^2 + sigma1^2 |grad f|^2. The defaults are ours: the papers give none. There is no eps: b0 > 0.
 * b holds the gradient of its own step; `delayed` divides by the b of the steps before, as Li & Orabona 2019 (arXiv:1805.08114) do.
 */
export const adagradNorm = defineOptimizer({
  id: 'adagrad-norm',
  summary: 'SGD over the root of the sum of squared gradient norms',
  source: 'Ward, Wu & Bottou 2019, arXiv:1806.01811, Algorithm 1; Attia & Koren 2023, arXiv:2302.08783',
  hyper: {
    lr: positive(1, { tune: log(0.03, 30), doc: 'step size, eta' }),
    b0: positive(1e-2, { tune: log(1e-3, 10), doc: 'what b begins at, gamma' }),
    delayed: flag(false, 'divide by the root of the gradients before this one'),
  },
  init: (_, { b0 }) => ({ squares: b0.square() }),
  step({ w, state, oracle, hyper: { lr, delayed } }) {
    const g = oracle.grad(w);
    const squares = state.squares.add(g.dot(g));
    const b = (delayed ? state.squares : squares).sqrt();
    return { w: w.sub(g.mul(lr.div(b))), state: { squares } };
  },
});
