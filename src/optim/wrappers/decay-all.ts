import { Bundle, Layout } from '../../tensor/bundle.ts';
import type { Optimizer } from '../optimizer.ts';
import { throughView } from './transformed.ts';

const summary = 'weight decay on biases and norm gains too';

/**
 * Lets the base decay every tensor: it sees biases and norm gains as tensors of no special role. Methods spare these two by default;
 * PyTorch's optimizers, given all parameters in one group, decay everything.
 */
export function decayAllOf(base: Optimizer): Optimizer {
  const relabel = (w: Bundle): Bundle => {
    const leaves = w.layout.leaves.map((leaf) =>
      leaf.role === 'bias' || leaf.role === 'gain' ? { ...leaf, role: 'other' as const } : leaf,
    );
    return Bundle.fromFlat(new Layout(leaves), w.flat);
  };
  const evaluate = base.evaluationPoint;
  return {
    ...base,
    id: `decay-all(${base.id})`,
    init: (w, hyper) => base.init(relabel(w), hyper),
    step(context) {
      const { w, oracle } = context;
      const inner = relabel(w);
      const outer = (point: Bundle) => (point === inner ? w : Bundle.fromFlat(w.layout, point.flat));
      const view = { whole: outer, wholeDirection: outer, part: relabel, columns: <T>(grads: T) => grads };
      const next = base.step({ ...context, w: inner, oracle: throughView(oracle, view) });
      return { ...next, w: outer(next.w) };
    },
    ...(evaluate && {
      evaluationPoint: (context) =>
        Bundle.fromFlat(context.w.layout, evaluate({ ...context, w: relabel(context.w) }).flat),
    }),
    with: (values) => decayAllOf(base.with(values)),
  };
}

/** `decayAllOf` as a wrapper without hyperparameters. */
export const decayAll = Object.assign((base: Optimizer) => decayAllOf(base), {
  id: 'decay-all',
  summary,
  source: 'common practice; the default of PyTorch',
  hyper: {},
});
