import { Bundle } from '../../tensor/bundle.ts';
import { substitute, topological } from '../../tensor/graph.ts';
import { scalar, Tensor } from '../../tensor/tensor.ts';
import { flatten } from '../../tensor/tree.ts';
import { choice, fraction, optional } from '../hyper.ts';
import type { StepResult } from '../optimizer.ts';
import { oneMinus } from '../rules.ts';
import { defineWrapper } from '../wrapper.ts';

/** The parameters after the base's step as they would be without weight decay, where the decay does not pass through the state. */
function withoutDecay({ w, state }: StepResult, hyper: Readonly<Record<string, unknown>>): Bundle {
  const inState = new Set(topological(flatten<Tensor>(state).leaves));
  const decoupled = Object.entries(hyper).flatMap(([name, value]) =>
    /(^|\.)weightDecay$/.test(name) && value instanceof Tensor && !inState.has(value) ? [value] : [],
  );
  if (decoupled.length === 0) return w;
  const none = new Map(decoupled.map((decay) => [decay, scalar(0, decay.dtype)]));
  return Bundle.fromFlat(w.layout, substitute([w.flat], none)[0]);
}

/**
 * Cautious updates: the base moves only those parameters whose update agrees in sign with the gradient. Liang et al. 2024, arXiv:2411.16085,
 * Algorithm 1 and 2: cautious(adamw) is C-AdamW, cautious(lion) is C-Lion.
 *
 *   u = w - base(w),  phi_i = 1 where u_i g_i > 0, xi elsewhere,  w <- w - s phi u
 *
 * s is one number for each tensor of n elements: 'mean' 1 / max(mean(phi), 1e-3) (the authors' present code, timm); 'paper' n / (count + 1),
 * which shortens small tensors' steps; 'none' 1. The base's state is not masked, and neither is decoupled weight decay: u is the update
 * without it, and what it adds is added unmasked. Decay that passes through the base's state (L2) is part of u; g is the gradient of the loss
 * alone, at w. Signs are compared instead of the product, which underflows where u and g are tiny. A base whose state holds weights (averages,
 * dual averaging) keeps its unmasked ones there: put cautious inside such wrappers. xi = 1 is the base. In float32 an update that rounding
 * swallows (below about 1e-7 of its weight) counts as none.
 */
export const cautious = defineWrapper({
  id: 'cautious',
  summary: 'updates that disagree in sign with the gradient are masked',
  source: 'Liang et al. 2024, arXiv:2411.16085, Algorithm 1; kyleliang919/C-Optim',
  hyper: {
    maskScale: choice('mean', ['mean', 'paper', 'none'], 'what makes up for the masked updates'),
    xi: optional(fraction(0, { doc: 'share of a disagreeing update that is kept' })),
  },
  step({ w, oracle, hyper: { maskScale, xi, ...hypers } }, base) {
    const next = base();
    const bare = withoutDecay(next, hypers);
    const u = w.sub(bare);
    const agrees = u.sign().mul(oracle.grad(w).sign()).gt(0);
    const kept = agrees.map((flat) => flat.cast(w.flat.dtype));
    const phi = xi ? kept.map((flat) => flat.add(oneMinus(flat).mul(xi))) : kept;
    const size = w.perLeaf((leaf) => leaf.size);
    const s = {
      mean: () =>
        phi
          .tensorSums()
          .div(size)
          .maximum(1e-3)
          .map((mean) => mean.reciprocal()),
      paper: () => size.div(kept.tensorSums().add(1)),
      none: () => w.perLeaf(() => 1),
    }[maskScale]();
    const masked = w.sub(u.mul(phi).mul(s));
    return { ...next, w: bare === next.w ? masked : masked.add(next.w.sub(bare)) };
  },
});
