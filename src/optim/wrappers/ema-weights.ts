import { zerosLike } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import { choice, logOneMinus, unit } from '../hyper.ts';
import { ema, oneMinus } from '../rules.ts';
import { defineWrapper } from '../wrapper.ts';

/**
 * Keeps a moving average of the weights and evaluates there. Polyak & Juditsky 1992 for the idea; Izmailov et al. 2018, section 3.2, for its use.
 *
 *   e <- emaDecay e + (1 - emaDecay) w_t  after each step of the base
 *
 * variant 'initial' begins at w_0; 'debiased' begins at 0 and reports e / (1 - emaDecay^t), as Adam does. (PyTorch's AveragedModel copies the
 * first weights that it is given.) Where the base has an evaluation point of its own, that is what is averaged. Half-life: ln 2 / (1 - emaDecay) steps.
 */
export const emaWeights = defineWrapper({
  id: 'ema',
  summary: 'evaluates at a moving average of the weights',
  source: 'Polyak & Juditsky 1992; Izmailov et al. 2018, arXiv:1803.05407, section 3.2',
  hyper: {
    emaDecay: unit(0.999, { tune: logOneMinus(0.9, 0.9999), doc: 'decay of the average' }),
    emaStart: choice('initial', ['initial', 'debiased'], 'what the average begins with'),
  },
  init: (w, { emaStart }) => ({ average: emaStart === 'initial' ? w : zerosLike(w) }),
  step({ state, t, horizon, hyper, ...context }, base, { evaluationPoint }) {
    const next = base();
    const point = evaluationPoint?.({ ...context, ...next, t, horizon, hyper }) ?? next.w;
    return { ...next, own: { average: ema(state.average, point, hyper.emaDecay) } };
  },
  evaluationPoint({ w, state, t, hyper: { emaDecay, emaStart } }) {
    if (emaStart === 'initial') return state.average;
    // Before the first step the average is empty.
    const weight = where(t.gt(0), oneMinus(emaDecay.pow(t)), 1);
    return state.average.div(weight).add(w.mul(where(t.gt(0), 0, weight)));
  },
});
