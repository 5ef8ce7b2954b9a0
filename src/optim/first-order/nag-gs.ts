import type { Bundle } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { flag, log, nonNegative, positive } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { ema, oneMinus } from '../rules.ts';

/**
 * NAG-GS: an accelerated Nesterov flow discretised by Gauss-Seidel, half implicitly. Leplat et al. 2022, arXiv:2209.14937, Algorithm 1.
 *
 *   a = lr / (1 + lr),  gamma <- (1 - a) gamma + a mu,  x <- (1 - a) x + a v,  b = lr mu / (lr mu + gamma)
 *   v <- (1 - b) v + b x - (b / mu) grad f(x),  v_0 = x_0
 *
 * The gradient comes at the new x, so a step here begins with v and ends with x; the first one leaves w where it is, as v = x there. The
 * authors' PyTorch class computes the new gamma and drops it, and updates v in its first step too: `constantGamma` (they call it NAG4). Their
 * JAX version follows the paper, as we do; its defaults are lr 0.05 and gamma 1.5. On a quadratic with curvatures in [mu, L] the best lr is
 * (mu + gamma + sqrt((mu - gamma)^2 + 4 gamma L)) / (L - mu), which is also about where it stops being stable.
 */
export const nagGs = defineOptimizer({
  id: 'nag-gs',
  summary: "Nesterov's accelerated flow in half-implicit steps",
  source: 'Leplat et al. 2022, arXiv:2209.14937, Algorithm 1; naggsopt/naggs',
  hyper: {
    lr: positive(1e-2, { tune: log(1e-3, 1), doc: 'step size alpha of the flow' }),
    mu: nonNegative(1, { tune: log(1e-2, 10), doc: 'assumed strong convexity, what gamma tends to' }),
    gamma: positive(1, { tune: log(1e-2, 10), doc: 'gamma at the start: larger damps more' }),
    constantGamma: flag(
      false,
      "gamma stays as it is, and v moves in the first step too, as in the authors' PyTorch code",
    ),
  },
  init: (w, { gamma, constantGamma }): { v: Bundle; gamma?: Tensor } => ({ v: w, ...(!constantGamma && { gamma }) }),
  step({ w, state, oracle, t, hyper: { lr, mu, gamma: constant } }) {
    const a = lr.div(lr.add(1));
    const gamma = state.gamma ?? constant;
    const share = lr.div(lr.mul(mu).add(gamma));
    const gain = state.gamma ? where(t.gt(1), share, 0) : share;
    const b = gain.mul(mu);
    const v = state.v.mul(oneMinus(b)).add(w.mul(b)).sub(oracle.grad(w).mul(gain));
    const slower = state.gamma && { gamma: state.gamma.mul(oneMinus(a)).add(a.mul(mu)) };
    return { w: ema(v, w, a), state: { v, ...slower } };
  },
});
