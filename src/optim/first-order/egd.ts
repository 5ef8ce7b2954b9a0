import type { Bundle } from '../../tensor/bundle.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { choice, log, positive } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';

const maxLogStep = positive(10, { doc: 'largest change of a logarithm in one step' });

/** -lr g, no larger than the bound, so that one huge gradient does not overflow: 10 is a factor of 22026. */
const logStep = (g: Bundle, lr: Tensor, bound: Tensor): Bundle => g.mul(lr.neg()).clip(bound.neg(), bound);

/**
 * Exponentiated gradient descent: weights are multiplied, not moved. Kivinen & Warmuth 1997; with the signs of Dale's law: Shetty, Prasath &
 * Seelamantula 2025, arXiv:2510.02730.
 *
 *   'signed'   w <- w exp(-lr sign(w) g): no weight changes its sign and zeros stay zero; additive steps on ln|w|; mirror descent with
 *              the potential |w| ln|w| - |w|
 *   'simplex'  w <- w exp(-lr g) / sum(w exp(-lr g)) for each tensor; negative weights count as 0, a tensor without positive ones stays 0
 *
 * The size of lr g is bounded by `maxLogStep`. A tensor that begins at zeros never learns: such a model takes eg-pair, or another beginning.
 */
export const egd = defineOptimizer({
  id: 'egd',
  summary: 'exponentiated gradient: multiplicative steps that keep signs',
  source: 'Kivinen & Warmuth 1997; Shetty, Prasath & Seelamantula 2025, arXiv:2510.02730',
  hyper: {
    lr: positive(0.1, { tune: log(0.1, 5), doc: 'step size of ln|w|' }),
    form: choice('signed', ['signed', 'simplex'], 'what is kept: the sign of each weight, or the sum of each tensor'),
    maxLogStep,
  },
  init: () => ({}),
  step({ w, oracle, hyper }) {
    const a = logStep(oracle.grad(w), hyper.lr, hyper.maxLogStep);
    if (hyper.form === 'signed') return { w: w.mul(a.mul(w.sign()).exp()), state: {} };
    const grown = w.maximum(0).mul(a.exp());
    const total = grown.tensorSums();
    return { w: grown.div(total.where(total.gt(0), 1)), state: {} };
  },
});

/**
 * EG+-, exponentiated gradient for weights of either sign: w = p - q with p, q > 0. Kivinen & Warmuth 1997, section 3.2; as mirror descent with
 * the hypentropy: Ghai, Hazan & Singer 2020, arXiv:1902.01903, algorithm 1.
 *
 *   p <- p exp(-lr g),  q <- q exp(lr g)
 *
 * The product p q never changes. With p q = start^2 everywhere both follow from w and nothing is kept:
 *   w <- 2 start sinh(arcsinh(w / (2 start)) - lr g).
 * start is p = q where a weight is 0: weights below it move as under SGD with the rate 2 start lr, larger ones in proportion to their size.
 * The size of lr g is bounded by `maxLogStep`.
 * In float32 parameters beyond 1e19 have no norm and leave NaN here.
 */
export const egPair = defineOptimizer({
  id: 'eg-pair',
  summary: 'EG+-: exponentiated gradient on the two parts of w = p - q',
  source: 'Kivinen & Warmuth 1997; Ghai, Hazan & Singer 2020, arXiv:1902.01903',
  hyper: {
    lr: positive(1, { tune: log(0.1, 10), doc: 'step size of ln p and ln q' }),
    start: positive(0.01, { tune: log(1e-3, 1), doc: 'p and q where a weight is 0' }),
    maxLogStep,
  },
  init: () => ({}),
  step({ w, oracle, hyper: { lr, start, maxLogStep: bound } }) {
    const a = logStep(oracle.grad(w), lr, bound);
    const product = start.square();
    const larger = w
      .abs()
      .add(w.square().add(product.mul(4)).sqrt())
      .mul(0.5);
    // Not as larger - |w|, which cancels.
    const smaller = larger.map((flat) => flat.reciprocal()).mul(product);
    const [p, q] = [larger.where(w.gt(0), smaller), smaller.where(w.gt(0), larger)];
    return { w: p.mul(a.exp()).sub(q.mul(a.neg().exp())), state: {} };
  },
});
