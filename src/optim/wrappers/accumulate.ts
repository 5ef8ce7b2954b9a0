import { zerosLike } from '../../tensor/bundle.ts';
import { count } from '../hyper.ts';
import type { EvaluationContext } from '../optimizer.ts';
import { defineWrapper } from '../wrapper.ts';
import { frozenOracle } from './frozen.ts';

/** The base counts its own steps: one for every k calls. */
const slower = ({ t, horizon }: Pick<EvaluationContext, 't' | 'horizon'>, k: number) => ({
  t: t.div(k).floor(),
  horizon: horizon.div(k).floor(),
});

/**
 * Gradient accumulation: the base steps once every k calls, with the mean of k micro-batch gradients at the same weights.
 *
 *   mean <- mean + (g_j - mean) / j,  j = 1 ... k;  at j = k the base steps and the mean starts anew
 *
 * Micro-batches are of one size, so the mean of their means is the mean over all (others would count by their sizes). A micro-batch that is not
 * finite makes the step so too; Optax can be told to drop it. t, the horizon and every(k) of the base count its own
 * steps. A base that asks at other points (sam, spsa) cannot be wrapped: wrap accumulate by it.
 */
export const accumulate = defineWrapper({
  id: 'accumulate',
  summary: 'mean gradient of several micro-batches before each step',
  source: 'common practice; Optax MultiSteps',
  hyper: { microBatches: count(4, 'micro-batches of one step') },
  init: (w, _, { batches }) => ({ means: Array.from({ length: batches }, () => zerosLike(w)) }),
  step({ w, state, baseState, oracle, t, horizon, every, hyper: { microBatches: k } }, step, base) {
    const last = every(k, k - 1);
    const j = t.sub(1).sub(t.sub(1).div(k).floor().mul(k)).add(1);
    const asked = state.means.map((_, batch) => oracle.valueAndGrad(w, { batch }));
    const means = state.means.map((mean, batch) => mean.add(asked[batch].grad.sub(mean).div(j)));
    if (!last) return { w, state: baseState, own: { means } };
    const next = step({
      ...slower({ t, horizon }, k),
      oracle: frozenOracle(`accumulate(${base.id})`, w, means, (batch) => asked[batch].value),
      every: (n, phase = 0, length = 1) => every(k * n, k * phase + k - 1, k * (length - 1) + 1),
    });
    return { ...next, own: { means: means.map(zerosLike) } };
  },
  evaluationView: (context) => slower(context, context.hyper.microBatches),
});
