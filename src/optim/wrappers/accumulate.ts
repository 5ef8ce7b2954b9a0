import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { count, HyperError } from '../hyper.ts';
import type { EvaluationContext } from '../optimizer.ts';
import type { Oracle } from '../oracle.ts';
import { defineWrapper } from '../wrapper.ts';

/** The base counts its own steps: one for every k calls. */
const slower = ({ t, horizon }: Pick<EvaluationContext, 't' | 'horizon'>, k: number) => ({
  t: t.div(k).floor(),
  horizon: horizon.div(k).floor(),
});

const refuse = (what: string) => (): never => {
  throw new HyperError(`accumulate: ${what}; put accumulate inside instead, around the method that takes the gradient`);
};

/** Only the mean gradient at the trained parameters is known. */
const frozen = (w: Bundle, means: readonly Bundle[], values: readonly Tensor[]): Oracle => {
  const at = (point: Bundle): void => {
    if (point !== w) refuse('the base asks for a gradient at another point than the trained parameters')();
  };
  const grad: Oracle['grad'] = (point, { batch = 0 } = {}) => {
    at(point);
    return means[batch];
  };
  return {
    grad,
    valueAndGrad: (point, where = {}) => ({ value: values[where.batch ?? 0], grad: grad(point, where) }),
    loss: (point, { batch = 0 } = {}) => {
      at(point);
      return values[batch];
    },
    hessianVector: refuse('the base asks for a Hessian-vector product'),
    perExampleGrads: refuse('the base asks for per-example gradients'),
  };
};

/**
 * Gradient accumulation: the base steps once every k calls, with the mean of k micro-batch gradients at the same weights.
 *
 *   mean <- mean + (g_j - mean) / j,  j = 1 ... k;  at j = k the base steps and the mean starts anew
 *
 * Micro-batches are of one size, so the mean of their means is the mean over all. t, the horizon and every(k) of the base count its own
 * steps. A base that asks at other points (sam, spsa) cannot be wrapped: wrap accumulate by it.
 */
export const accumulate = defineWrapper({
  id: 'accumulate',
  summary: 'mean gradient of several micro-batches before each step',
  source: 'common practice; Optax MultiSteps',
  hyper: { microBatches: count(4, 'micro-batches of one step') },
  init: (w, _, { batches }) => ({ means: Array.from({ length: batches }, () => zerosLike(w)) }),
  step({ w, state, baseState, oracle, t, horizon, every, hyper: { microBatches: k } }, base) {
    const last = every(k, k - 1);
    const j = t.sub(1).sub(t.sub(1).div(k).floor().mul(k)).add(1);
    const asked = state.means.map((_, batch) => oracle.valueAndGrad(w, { batch }));
    const means = state.means.map((mean, batch) => mean.add(asked[batch].grad.sub(mean).div(j)));
    if (!last) return { w, state: baseState, own: { means } };
    const next = base({
      ...slower({ t, horizon }, k),
      oracle: frozen(
        w,
        means,
        asked.map(({ value }) => value),
      ),
      every: (n, phase = 0) => every(k * n, k * phase + k - 1),
    });
    return { ...next, own: { means: means.map(zerosLike) } };
  },
  evaluationView: (context) => slower(context, context.hyper.microBatches),
});
