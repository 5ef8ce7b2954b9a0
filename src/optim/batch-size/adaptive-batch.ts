import { Bundle, zerosLike } from '../../tensor/bundle.ts';
import { where, zeros } from '../../tensor/functions.ts';
import { scalar, type Tensor } from '../../tensor/tensor.ts';
import { choice, HyperError, log, positive, within } from '../hyper.ts';
import { defineWrapper } from '../wrapper.ts';
import { choose } from '../wrappers/clip.ts';
import { frozenOracle } from '../wrappers/frozen.ts';
import { coordinateTest, innerProductTest, normTest, orthogonalityTest } from './variance.ts';

/**
 * A batch that grows when per-example gradients scatter more than their mean is long. Lau, Liu & Kolar 2024, arXiv:2402.11215, Algorithm 1:
 * adaptive-batch(adagrad) is AdAdaGrad, adaptive-batch(adagrad-norm) is AdAdaGradNorm.
 *
 *   batch <- min(largest, max(batch, demand)) after each update, mean and Var being over the batch of that update, its sample variances
 *   'norm'           demand = sum_j Var_i(g_ij) / (eta^2 |mean|^2)
 *   'inner-product'  demand = Var_i(<g_i, mean>) / (theta^2 |mean|^4)
 *   'augmented'      the larger of that and sum_j Var_i(o_ij) / (nu^2 |mean|^2), o_i = g_i - <g_i, mean> mean / |mean|^2
 *   'coordinate'     demand = max_j Var_i(g_ij) / (eta^2 mean_j^2), of the theory; it explodes where a mean is nearly 0
 *
 * Shapes of a program are static, so a batch is counted in minibatches of the run: each step takes one, and the base steps when there are enough of
 * them, at one point all the while. `maxBatches` should be the data set. Variances of 'norm' and 'coordinate' are those of the whole batch,
 * joined from its minibatches; the inner products need the mean before they can be taken, so the last two tests look at the examples of
 * the last minibatch. The base's t counts updates, its horizon steps; put schedules around. The authors' code has a layer-wise AdaGrad-Norm and
 * leaves out covariances between tensors in the inner products; we follow the paper.
 */
export const adaptiveBatch = defineWrapper({
  id: 'adaptive-batch',
  summary: 'batch that grows by a test of gradient variance: AdAdaGrad and AdAdaGradNorm',
  source: 'Lau, Liu & Kolar 2024, arXiv:2402.11215, Algorithm 1',
  hyper: {
    batchTest: choice('norm', ['norm', 'inner-product', 'augmented', 'coordinate'], 'what asks for a larger batch'),
    batchEta: positive(0.5, { tune: log(0.1, 2), doc: 'scatter that norm and coordinate tests allow, eta' }),
    batchTheta: positive(0.5, { tune: log(0.1, 2), doc: 'scatter that the inner-product test allows, theta' }),
    batchNu: positive(1, { tune: log(0.1, 10), doc: 'scatter that the orthogonality test allows, nu' }),
    maxBatches: within('[1, inf)', (v) => v >= 1)(64, { doc: 'largest batch, in minibatches of the run' }),
  },
  check: (_, { batches }) => (batches === 1 ? null : `takes a base with one minibatch a step; this one has ${batches}`),
  init(w, { batchTest }) {
    const number = (x: number) => scalar(x, 'float64');
    return {
      mean: zerosLike(w),
      // Squared distances from the mean, over the examples so far.
      ...(batchTest === 'norm' && { scatter: number(0) }),
      ...(batchTest === 'coordinate' && { scatter: zeros([w.layout.size], w.flat.dtype) }),
      /** Minibatches that the next update needs, those taken for it, and the updates done. */
      need: number(1),
      taken: number(0),
      updates: number(0),
    } as { mean: Bundle; scatter?: Tensor; need: Tensor; taken: Tensor; updates: Tensor };
  },
  step({ w, state, baseState, oracle, hyper }, step, base) {
    const { batchTest, batchEta, batchTheta, batchNu, maxBatches } = hyper;
    const grads = oracle.perExampleGrads(w);
    const examples = grads.shape[0];
    const name = `adaptive-batch(${base.id})`;
    if (examples < 2) throw new HyperError(`${name}: minibatches of 1 example have no variance; take 2 or more`);

    const taken = state.taken.add(1);
    // The gradient proper is asked for too: wrappers around this one change it (clip), and the trainer hears of the loss.
    const { value, grad } = oracle.valueAndGrad(w);
    const here = grad.flat;
    const apart = here.sub(state.mean.flat);
    const mean = state.mean.flat.add(apart.div(taken));
    const fold = (x: Tensor) => (batchTest === 'norm' ? x.sum().cast('float64') : x);
    // Chan, Golub & LeVeque's sum of squares over two groups: their own, and that of their means, n m / (n + m).
    const between = state.taken.mul(examples).div(taken);
    const scatter = state.scatter
      ?.add(fold(grads.sub(grads.mean(0)).square().sum(0)))
      .add(fold(apart.square()).mul(between));

    const due = taken.ge(state.need);
    const next = step({
      t: state.updates.add(1),
      oracle: frozenOracle(name, w, [Bundle.fromFlat(w.layout, mean)], () => value),
      every: (k) => {
        if (k === 1) return true;
        const when = k === Number.MAX_SAFE_INTEGER ? 'in the first' : `every ${k}`;
        throw new HyperError(`${name}: ${base.id} works ${when} of its steps, and when they are is not known here`);
      },
    });
    const variance = scatter?.div(taken.mul(examples).sub(1));
    const demands: Record<typeof batchTest, () => Tensor> = {
      norm: () => normTest(variance as Tensor, mean, batchEta),
      coordinate: () => coordinateTest(variance as Tensor, mean, batchEta),
      'inner-product': () => innerProductTest(grads, mean, batchTheta),
      augmented: () => innerProductTest(grads, mean, batchTheta).maximum(orthogonalityTest(grads, mean, batchNu)),
    };
    const wanted = demands[batchTest]().div(examples).ceil().maximum(state.need).minimum(maxBatches.floor());
    const own = {
      mean: Bundle.fromFlat(w.layout, where(due, 0, mean)),
      ...(scatter && { scatter: where(due, 0, scatter) }),
      need: where(due, wanted, state.need),
      taken: where(due, 0, taken),
      updates: where(due, state.updates.add(1), state.updates),
    };
    return { w: w.map((flat) => where(due, next.w.flat, flat)), state: choose(due, next.state, baseState), own };
  },
  evaluationView: ({ state: { updates } }) => ({ t: updates }),
});
