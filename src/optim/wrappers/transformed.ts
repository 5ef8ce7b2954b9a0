import type { Bundle } from '../../tensor/bundle.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { LogitsTerm, Oracle } from '../oracle.ts';

/** Remembers what `make` gave for each bundle and batch, so that asking twice is asking once. */
export function perPoint<T>(make: (w: Bundle, batch: number) => T): (w: Bundle, batch: number) => T {
  const known = new Map<Bundle, Map<number, T>>();
  return (w, batch) => {
    const batches = known.get(w) ?? new Map<number, T>();
    known.set(w, batches);
    if (!batches.has(batch)) batches.set(batch, make(w, batch));
    return batches.get(batch) as T;
  };
}

/** A term of the logits as seen from parameters that the oracle knows otherwise. */
export const termAt =
  (term: LogitsTerm, outer: (w: Bundle) => Bundle): LogitsTerm =>
  (logits, at) =>
    term(logits, (w) => at(outer(w)));

/** The same oracle with other gradients. */
export function withGradient(oracle: Oracle, gradient: (g: Bundle, w: Bundle, batch: number) => Bundle): Oracle {
  const gradAt = perPoint((w, batch) => gradient(oracle.grad(w, { batch }), w, batch));
  return {
    ...oracle,
    grad: (w, { batch = 0 } = {}) => gradAt(w, batch),
    valueAndGrad: (w, at = {}) => ({
      value: oracle.valueAndGrad(w, at).value,
      grad: gradAt(w, at.batch ?? 0),
    }),
    withTerm: (term) => withGradient(oracle.withTerm(term), gradient),
  };
}

/** How an oracle over all parameters looks to a method that sees them otherwise (some of them, or under other roles). */
export interface ParameterView {
  /** All parameters at the method's w. */
  whole(w: Bundle): Bundle;
  /** A direction of all parameters from one of the method's. */
  wholeDirection(v: Bundle): Bundle;
  /** The method's part of a gradient. */
  part(g: Bundle): Bundle;
  /** The method's columns of per-example gradients, [examples, parameters]. */
  columns(grads: Tensor): Tensor;
}

export function throughView(oracle: Oracle, view: ParameterView): Oracle {
  const whole = perPoint((w) => view.whole(w));
  const gradAt = perPoint((w, batch) => view.part(oracle.grad(whole(w, 0), { batch })));
  return {
    loss: (w, at) => oracle.loss(whole(w, 0), at),
    grad: (w, { batch = 0 } = {}) => gradAt(w, batch),
    valueAndGrad: (w, at = {}) => ({
      value: oracle.valueAndGrad(whole(w, 0), at).value,
      grad: gradAt(w, at.batch ?? 0),
    }),
    hessianVector: (w, v, at) => view.part(oracle.hessianVector(whole(w, 0), view.wholeDirection(v), at)),
    perExampleGrads: (w, at) => view.columns(oracle.perExampleGrads(whole(w, 0), at)),
    sampledGrad: (w, at) => {
      const { grad, labels } = oracle.sampledGrad(whole(w, 0), at);
      return { grad: view.part(grad), labels };
    },
    withTerm: (term) => throughView(oracle.withTerm(termAt(term, (w) => whole(w, 0))), view),
  };
}
