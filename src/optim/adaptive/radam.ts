import { zerosLike } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import { choice, flag, log, logOneMinus, nonNegative, optional, positive, unit, within } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { adamRoot, debias, ema } from '../rules.ts';
import { decayForm, withDecay } from './decay.ts';
import { rectification } from './rectification.ts';

/**
 * RAdam: Adam that does without its second moment until enough gradients were averaged, then rectifies its variance. Liu et al. 2020,
 * arXiv:1908.03265, Algorithm 2, as PyTorch's `RAdam` has it.
 *
 *   rho_inf = 2 / (1 - beta2) - 1,  rho_t = rho_inf - 2 t beta2^t / (1 - beta2^t)
 *   r^2 = (rho_t - 4)(rho_t - 2) rho_inf / ((rho_inf - 4)(rho_inf - 2) rho_t)
 *   rho_t > threshold:  w <- w - lr r m^ / ((sqrt(v) + eps) / sqrt(1 - beta2^t))
 *   otherwise:          w <- w - lr m^
 *
 * With beta2 0.999 the first rectified step is the sixth. The paper's threshold is 4, everybody's code has 5. `early: 'none'` is the authors' code
 * at its defaults, which leaves w alone (weight decay too) until then. eps joins the root before its bias correction, as in PyTorch and the authors'
 * code; `epsHat: false` is Optax, which adds it after. With beta2 so small that rho_inf <= threshold no step is ever rectified.
 */
export const radam = defineOptimizer({
  id: 'radam',
  summary: 'Adam with a rectified variance of its first steps',
  source: 'Liu et al. 2020, arXiv:1908.03265, Algorithm 2; PyTorch torch.optim.RAdam',
  hyper: {
    lr: positive(1e-3, { tune: log(3e-4, 0.1), doc: 'step size' }),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    eps: nonNegative(1e-8, { doc: 'added to the root of the second moment' }),
    threshold: within('[4, inf)', (v) => v >= 4)(5, { doc: 'length of the average from which on steps are rectified' }),
    early: choice('sgd', ['sgd', 'none'], 'the steps before: momentum without the root, or no step'),
    epsHat: flag(true, 'eps joins the root before its bias correction'),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'weight decay; decay says where it enters' })),
    decay: decayForm('l2'),
  },
  init: (w) => ({ m: zerosLike(w), v: zerosLike(w) }),
  step({ w, state, oracle, t, hyper }) {
    const { lr, beta1, beta2, eps, threshold, early, epsHat, weightDecay, decay } = hyper;
    const { g, w: kept } = withDecay(w, oracle.grad(w), { lr, weightDecay, decay });
    const m = ema(state.m, g, beta1);
    const v = ema(state.v, g.square(), beta2);

    const { length, factor } = rectification(beta2, t);
    const rectified = length.gt(threshold);

    const mean = debias(m, beta1, t);
    const adaptive = kept.sub(mean.div(adamRoot(v, beta2, t, eps, epsHat)).mul(factor.mul(lr)));
    const plain = early === 'sgd' ? kept.sub(mean.mul(lr)) : w;
    return { w: adaptive.map((flat) => where(rectified, flat, plain.flat)), state: { m, v } };
  },
});
