import { perTensor } from '../../tensor/bundle.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { heavyBall, initHeavyBall } from '../first-order/heavy-ball.ts';
import { choice, flag, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { shrink } from '../rules.ts';
import { initWithAdamw, restHyper, stepWithAdamw } from './adamw-rest.ts';
import { asMatrix, sides } from './as-matrix.ts';
import { scales } from './muon.ts';
import { newtonSchulz } from './newton-schulz.ts';

const rmsOfCosh = (x: Tensor): Tensor => x.exp().add(x.neg().exp()).mul(0.5).square().mean().sqrt();

/**
 * AuON: momentum over its Frobenius norm and over the root mean square of the hyperbolic cosine of its entries. Maity 2025,
 * arXiv:2509.24320 (version 1; later versions unread).
 *
 *   m <- momentum m + (1 - momentum) g,  u = momentum m + (1 - momentum) g,  X = u / (|u| + 1e-7)
 *   Hybrid-AuON (`hybrid`): one Newton-Schulz iteration X <- a X + b (X X') X + c (X X')^2 X, as in Muon
 *   w <- (1 - lr weightDecay) w - lr sqrt(max(1, r / c)) X / (sqrt(mean(cosh(X)^2)) + 1e-8)
 *
 * The entries of X are so small that the divisor is 1 + O(1 / entries): without the iteration this is normalised momentum SGD.
 * `variant: 'repository'` is the rule that the authors' code came to: u / (sqrt(mean(cosh(1.5 X)^2)) + 1e-8), which is not
 * normalised and has no factor of the shape (lr 0.24 there). All other tensors take AdamW.
 */
export const auon = defineOptimizer({
  id: 'auon',
  summary: 'normalised momentum over a mean of hyperbolic cosines; hybrid: one Newton-Schulz iteration',
  source: 'Maity 2025, arXiv:2509.24320v1; ryyzn9/AuON',
  hyper: {
    lr: positive(0.055, { tune: log(3e-3, 1), doc: 'step size of matrices and kernels' }),
    momentum: unit(0.95, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the momentum' }),
    hybrid: flag(false, 'Hybrid-AuON: one Newton-Schulz iteration first'),
    variant: choice('paper', ['paper', 'repository'], 'what is divided: X, or u itself'),
    weightDecay: optional(nonNegative(0, { tune: log(1e-3, 1), doc: 'decoupled decay, times lr (or adamLr)' })),
    ...restHyper,
  },
  check: ({ hybrid, variant }) =>
    hybrid && variant === 'repository'
      ? "hybrid is true but variant is 'repository'; Hybrid-AuON is known in the paper's form only"
      : null,
  init: (w, { momentum }) => initWithAdamw(w, (part) => initHeavyBall(part, momentum)),
  step(context) {
    const { lr, momentum, hybrid, variant, weightDecay, adamLr, beta1, beta2, eps } = context.hyper;
    const rates = { lr: adamLr, beta1, beta2, eps, decay: weightDecay?.mul(adamLr) };
    return stepWithAdamw(context, rates, (w, g, ball) => {
      const { u: ahead, state } = heavyBall(ball, g, momentum, { nesterov: true, averaged: true });
      const update = perTensor(([tensor], leaf) => {
        const u = asMatrix(tensor);
        const { rows, columns } = sides(leaf);
        const X = newtonSchulz(u, { steps: hybrid ? 1 : 0 });
        const scaled =
          variant === 'paper'
            ? X.mul(scales.jordan(rows, columns)).div(rmsOfCosh(X).add(1e-8))
            : u.div(rmsOfCosh(X.mul(1.5)).add(1e-8));
        return scaled.reshape(leaf.shape);
      }, ahead);
      return { w: shrink(w, weightDecay?.mul(lr)).sub(update.mul(lr)), state };
    });
  },
});
