import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { choice, log, logOneMinus, nonNegative, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { adamRoot, debias, ema, shrink } from '../rules.ts';

/**
 * AdamW: Adam with weight decay decoupled from the adaptive step. Loshchilov & Hutter 2019, arXiv:1711.05101, Algorithm 2.
 *
 * Two couplings of the decay are in use. 'library' (PyTorch and most others): w <- w (1 - lr_t weightDecay).
 * 'original' (the paper and its code): w <- w (1 - eta_t weightDecay), eta_t = lr_t / lr_0 the schedule's multiplier.
 * The two agree when the library's decay is the original's over lr_0. With eps 0 a coordinate without gradient yet stays (0 / 0 = 0), and the
 * method is scale-free.
 * Biases and norm gains are not decayed.
 */
export const adamw = defineOptimizer({
  id: 'adamw',
  summary: 'Adam with decoupled weight decay',
  source: 'Loshchilov & Hutter 2019, arXiv:1711.05101, Algorithm 2',
  hyper: {
    lr: positive(1e-3, { tune: log(1e-4, 3e-2), doc: 'step size' }),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    eps: nonNegative(1e-8, { doc: 'added to the root of the second moment' }),
    weightDecay: nonNegative(1e-2, { tune: log(1e-4, 1), doc: 'decoupled decay' }),
    coupling: choice('library', ['library', 'original'], 'what the decay is multiplied by: lr or the schedule alone'),
  },
  init: (w) => ({ m: zerosLike(w), v: zerosLike(w) }),
  step: ({ w, state, oracle, t, schedule, hyper: { lr, coupling, weightDecay, ...hyper } }) =>
    adamwStep(w, state, oracle.grad(w), t, {
      ...hyper,
      lr,
      decay: weightDecay.mul(coupling === 'library' ? lr : schedule),
    }),
});

/** The step itself, for methods that leave some of the tensors to AdamW. `decay` is the factor that w loses. */
export function adamwStep(
  w: Bundle,
  state: Moments,
  g: Bundle,
  t: Tensor,
  { lr, beta1, beta2, eps, decay }: AdamwRates,
) {
  const m = ema(state.m, g, beta1);
  const v = ema(state.v, g.square(), beta2);
  const direction = debias(m, beta1, t).div(adamRoot(v, beta2, t, eps));
  return { w: shrink(w, decay).sub(direction.mul(lr)), state: { m, v } };
}

export type Moments = { readonly m: Bundle; readonly v: Bundle };
export type AdamwRates = Readonly<Record<'lr' | 'beta1' | 'beta2' | 'eps', Tensor>> & { readonly decay?: Tensor };
