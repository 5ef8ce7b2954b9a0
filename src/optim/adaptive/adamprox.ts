import { zerosLike } from '../../tensor/bundle.ts';
import { choice, log, logOneMinus, nonNegative, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { shrinkProximally } from '../rules.ts';
import { adamwStep } from './adamw.ts';

/**
 * AdamProx: Adam with a proximal step for the regulariser (weightDecay / 2) |w|^2 after the adaptive one. Zhuang et al. 2022,
 * arXiv:2202.00089, section 3.
 *
 *   w <- (w - lr m^ / (sqrt(v^) + eps)) / (1 + rate)
 *
 * AdamW is its first-order expansion, 1 / (1 + rate) = 1 - rate + ... As there, two couplings are in use: rate = eta_t weightDecay with eta_t
 * = lr_t / lr_0 the schedule's multiplier ('original', the paper and its code), or lr_t weightDecay ('library'). Biases and norm gains are not
 * decayed.
 */
export const adamprox = defineOptimizer({
  id: 'adamprox',
  summary: 'Adam with a proximal step for the weight decay',
  source: 'Zhuang et al. 2022, arXiv:2202.00089, section 3; zhenxun-zhuang/AdamW-Scale-free',
  hyper: {
    lr: positive(1e-3, { tune: log(1e-4, 3e-2), doc: 'step size' }),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    eps: nonNegative(1e-8, { doc: 'added to the root of the second moment' }),
    weightDecay: nonNegative(1e-4, { tune: log(1e-5, 1e-2), doc: 'strength of the regulariser' }),
    coupling: choice('original', ['original', 'library'], 'what the decay is multiplied by: the schedule alone or lr'),
  },
  init: (w) => ({ m: zerosLike(w), v: zerosLike(w) }),
  step({ w, state, oracle, t, schedule, hyper: { coupling, weightDecay, ...rates } }) {
    const moved = adamwStep(w, state, oracle.grad(w), t, rates);
    const rate = weightDecay.mul(coupling === 'library' ? rates.lr : schedule);
    return { w: shrinkProximally(moved.w, rate), state: moved.state };
  },
});
