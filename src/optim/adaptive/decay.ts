import type { Bundle } from '../../tensor/bundle.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { choice } from '../hyper.ts';
import { l2, shrink } from '../rules.ts';

const forms = ['l2', 'decoupled', 'fixed'] as const;
type DecayForm = (typeof forms)[number];

/** Where weight decay enters, for methods whose authors or ports have it in several places. */
export const decayForm = (value: DecayForm) =>
  choice(value, forms, 'where the decay enters: the gradient (l2), w times lr (decoupled), w alone (fixed)');

/** The gradient at w and the w to step from, decayed: g + weightDecay w, or w (1 - lr weightDecay), or w (1 - weightDecay). */
export function withDecay(
  w: Bundle,
  g: Bundle,
  {
    lr,
    weightDecay,
    decay,
  }: { readonly lr: Tensor; readonly weightDecay: Tensor | undefined; readonly decay: DecayForm },
): { readonly g: Bundle; readonly w: Bundle } {
  if (decay === 'l2') return { g: l2(g, w, weightDecay), w };
  return { g, w: shrink(w, decay === 'fixed' ? weightDecay : weightDecay?.mul(lr)) };
}
