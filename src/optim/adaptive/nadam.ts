import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import { scalar, type Tensor } from '../../tensor/tensor.ts';
import { choice, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { adamRoot, ema, oneMinus } from '../rules.ts';
import { decayForm, withDecay } from './decay.ts';

/**
 * NAdam: Adam with Nesterov's look-ahead in its first moment. Dozat 2016, ICLR workshop, Algorithm 2, as PyTorch's `NAdam` has it.
 *
 *   mu_t = beta1 (1 - 0.96^(t momentumDecay) / 2),  P_t = mu_1 ... mu_t
 *   m <- beta1 m + (1 - beta1) g,  v <- beta2 v + (1 - beta2) g^2
 *   w <- w - lr [(1 - mu_t) / (1 - P_t) g + mu_{t+1} / (1 - P_{t+1}) m] / (sqrt(v / (1 - beta2^t)) + eps)
 *
 * Three forms are in use. 'pytorch', above, averages m with beta1 although its corrections are those of an average with mu_t. 'paper' is
 * Algorithm 2 (recalled, not re-read): m <- mu_t m + (1 - mu_t) g, and v^ = beta2 v / (1 - beta2^t). 'optax' has no momentum schedule:
 * beta1 m / (1 - beta1^(t+1)) + (1 - beta1) g / (1 - beta1^t) over the root. See nadamw for AlgoPerf's.
 */
export const nadam = defineOptimizer({
  id: 'nadam',
  summary: 'Adam with Nesterov momentum that warms up',
  source: 'Dozat 2016, ICLR workshop, Algorithm 2; PyTorch torch.optim.NAdam',
  hyper: {
    lr: positive(2e-3, { tune: log(1e-4, 3e-2), doc: 'step size' }),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment; the momentum grows to it' }),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    eps: nonNegative(1e-8, { doc: 'added to the root of the second moment' }),
    momentumDecay: nonNegative(4e-3, { doc: 'psi: how fast the momentum grows from beta1 / 2 to beta1' }),
    variant: choice(
      'pytorch',
      ['pytorch', 'paper', 'optax'],
      "whose look-ahead: the momentum's schedule and corrections",
    ),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'weight decay; decay says where it enters' })),
    decay: decayForm('l2'),
  },
  init: (w, { variant }): { m: Bundle; v: Bundle; product?: Tensor } => ({
    m: zerosLike(w),
    v: zerosLike(w),
    ...(variant !== 'optax' && { product: scalar(1, 'float64') }),
  }),
  step({ w, state, oracle, t, hyper }) {
    const { lr, beta1, beta2, eps, momentumDecay, variant, weightDecay, decay } = hyper;
    const { g, w: kept } = withDecay(w, oracle.grad(w), { lr, weightDecay, decay });
    const momentum = (step: Tensor) =>
      variant === 'optax' ? beta1 : oneMinus(scalar(0.96, 'float64').pow(step.mul(momentumDecay)).mul(0.5)).mul(beta1);
    const [now, next] = [momentum(t), momentum(t.add(1))];
    const product = state.product?.mul(now) ?? beta1.pow(t);

    const m = ema(state.m, g, variant === 'paper' ? now : beta1);
    const v = ema(state.v, g.square(), beta2);
    const ahead = g.mul(oneMinus(now).div(oneMinus(product))).add(m.mul(next.div(oneMinus(product.mul(next)))));
    const root = adamRoot(variant === 'paper' ? v.mul(beta2) : v, beta2, t, eps);
    return { w: kept.sub(ahead.div(root).mul(lr)), state: { m, v, ...(state.product && { product }) } };
  },
});
