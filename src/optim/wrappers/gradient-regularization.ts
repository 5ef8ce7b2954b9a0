import type { Bundle } from '../../tensor/bundle.ts';
import { choice, log, nonNegative, positive } from '../hyper.ts';
import type { At } from '../oracle.ts';
import { defineWrapper } from '../wrapper.ts';
import { withGradient } from './transformed.ts';

/**
 * Gradient regularisation: the base minimises L + (gamma / 2) |grad L|^2, whose gradient is G + gamma H G. Karakida et al. 2023,
 * arXiv:2210.02720; the product of Hessian and gradient is a finite difference of two gradients.
 *
 *   forward   D = (g(w + eps G) - G) / eps                    G = g(w);  the base sees G + gamma D
 *   backward  D = (G - g(w - eps G)) / eps
 *   centred   D = (g(w + eps G) - g(w - eps G)) / (2 eps)
 *   exact     D = H G, "double back-propagation"
 *
 * All gradients are of one minibatch. The four differ where the loss is not quadratic, and the paper's point is that this matters: a forward difference
 * with a large eps favours solutions that the others do not. With gamma = eps forward is SAM without its norm. The paper's defaults could not
 * be verified; 0.05 to 0.1 for eps and a grid of 0.01 to 0.5 for gamma are its order. Only the gradient is regularised: losses, Hessian-vector
 * products and per-example gradients that the base asks for are those of L.
 */
export const gradientRegularization = defineWrapper({
  id: 'gradient-regularization',
  summary: 'a penalty on the squared norm of the gradient, by a finite difference',
  source: 'Karakida et al. 2023, arXiv:2210.02720',
  hyper: {
    grGamma: nonNegative(0.1, { tune: log(1e-3, 0.5), doc: 'gamma: weight of |grad L|^2 / 2' }),
    grEps: positive(0.05, { tune: log(1e-2, 0.5), doc: 'eps: length of the difference in units of the gradient' }),
    grDifference: choice('forward', ['forward', 'backward', 'centred', 'exact'], 'how Hessian times gradient is taken'),
  },
  step({ oracle, hyper: { grGamma, grEps, grDifference } }, base) {
    const productOf = (w: Bundle, G: Bundle, at: At): Bundle => {
      if (grDifference === 'exact') return oracle.hessianVector(w, G, at);
      const ahead = () => oracle.grad(w.add(G.mul(grEps)), at);
      const behind = () => oracle.grad(w.sub(G.mul(grEps)), at);
      if (grDifference === 'forward') return ahead().sub(G).div(grEps);
      if (grDifference === 'backward') return G.sub(behind()).div(grEps);
      return ahead().sub(behind()).div(grEps.mul(2));
    };
    return base({ oracle: withGradient(oracle, (G, w, batch) => G.add(productOf(w, G, { batch }).mul(grGamma))) });
  },
});
