import { zerosLike } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { choose, pointAfter } from '../averaging/running-mean.ts';
import { choice, count, fraction, logOneMinus, nonNegative, positive, unit } from '../hyper.ts';
import { ema, oneMinus } from '../rules.ts';
import { defineWrapper } from '../wrapper.ts';

/**
 * Keeps a moving average of the weights and evaluates there. Polyak & Juditsky 1992 for the idea; Izmailov et al. 2018, section 3.2, for its use.
 *
 *   e <- beta_n e + (1 - beta_n) w_t  after each emaEvery-th step of the base, the n-th of them
 *
 * emaStart 'initial' begins at w_0; 'debiased' begins at 0 and reports e / (1 - emaDecay^n), as Adam does; 'first' copies the first weights that it
 * is given (PyTorch's AveragedModel). beta_n is emaDecay, or under emaWarmup smaller at first, so that w_0 is forgotten sooner:
 *
 *   'tensorflow'  min(emaDecay, (1 + n) / (10 + n))
 *   'timm'        0 while s = n - emaAfter - 1 <= 0, then 1 - (1 + s / emaGamma)^-emaPower within [emaMinDecay, emaDecay]  (ModelEmaV3)
 *
 * Where the base has an evaluation point of its own, that is what is averaged. Half-life: ln 2 / (1 - emaDecay) updates. Running statistics of
 * batch norm are not parameters: an evaluation uses those of the trained weights, the "copied buffers" of PyTorch.
 */
export const emaWeights = defineWrapper({
  id: 'ema',
  summary: 'evaluates at a moving average of the weights',
  source: 'Polyak & Juditsky 1992; Izmailov et al. 2018, arXiv:1803.05407, section 3.2',
  hyper: {
    emaDecay: unit(0.999, { tune: logOneMinus(0.9, 0.9999), doc: 'decay of the average' }),
    emaStart: choice('initial', ['initial', 'debiased', 'first'], 'what the average begins with'),
    emaEvery: count(1, 'steps between updates of the average'),
    emaWarmup: choice('none', ['none', 'tensorflow', 'timm'], 'smaller decays in the first updates'),
    emaGamma: positive(1, { doc: "scale of emaWarmup 'timm', in updates" }),
    emaPower: positive(2 / 3, { doc: "power of emaWarmup 'timm'" }),
    emaMinDecay: fraction(0, { doc: "smallest decay of emaWarmup 'timm' once it has begun" }),
    emaAfter: nonNegative(0, { doc: "updates that emaWarmup 'timm' only copies, beside the first" }),
  },
  check: ({ emaStart, emaWarmup }) =>
    emaStart === 'debiased' && emaWarmup !== 'none'
      ? `emaWarmup is ${emaWarmup}; with emaStart debiased it must be none, as the bias of a changing decay is not known`
      : null,
  init: (w, { emaStart }) => ({ average: emaStart === 'debiased' ? zerosLike(w) : w }),
  step(context, step, base) {
    const { state, t, every, hyper } = context;
    const next = step();
    const k = hyper.emaEvery;
    if (!every(k, k - 1)) return { ...next, own: state };
    const n = t.div(k).floor();
    const planned = decays[hyper.emaWarmup](n, hyper);
    const decay = hyper.emaStart === 'first' ? where(n.gt(1), planned, 0) : planned;
    return { ...next, own: { average: ema(state.average, pointAfter(context, next, base), decay) } };
  },
  evaluationPoint({ state: { average }, t, hyper: { emaDecay, emaStart, emaEvery } }, evaluate) {
    if (emaStart === 'initial') return average;
    // Before the first update the average is empty.
    const n = t.div(emaEvery).floor();
    const begun = n.gt(0);
    if (emaStart === 'first') return choose(begun, average, evaluate());
    return choose(begun, average.div(where(begun, oneMinus(emaDecay.pow(n)), 1)), evaluate());
  },
});

type Decays = Readonly<Record<'emaDecay' | 'emaGamma' | 'emaPower' | 'emaMinDecay' | 'emaAfter', Tensor>>;

/** The decay of the n-th update. */
const decays: Record<'none' | 'tensorflow' | 'timm', (n: Tensor, hyper: Decays) => Tensor> = {
  none: (_, { emaDecay }) => emaDecay,
  tensorflow: (n, { emaDecay }) => emaDecay.minimum(n.add(1).div(n.add(10))),
  timm: (n, { emaDecay, emaGamma, emaPower, emaMinDecay, emaAfter }) => {
    const s = n.sub(emaAfter).sub(1);
    const rising = oneMinus(s.maximum(0).div(emaGamma).add(1).pow(emaPower.neg()));
    return where(s.gt(0), rising.minimum(emaDecay).maximum(emaMinDecay), 0);
  },
};
