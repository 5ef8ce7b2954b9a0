import { distillation } from '../../tensor/distillation.ts';
import { where } from '../../tensor/functions.ts';
import { log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { ema, stepsOf } from '../rules.ts';
import { defineWrapper } from '../wrapper.ts';

/**
 * MESA: sharpness-aware training at the price of one forward pass: the model must not run away from the outputs of its own moving average. Du et
 * al. 2022, arXiv:2205.14083, section 3.3.
 *
 *   L' = L + mesaLambda tau^2 mean_i KL(softmax(z^_i / tau) | softmax(z_i / tau))   while mesaStart < t < mesaEnd, else L
 *   the base steps with L', then  e <- mesaDecay e + (1 - mesaDecay) w
 *
 * z are the logits of the minibatch, z^ those at the average e before the step, as an evaluation has them and without derivative. The authors' code multiplies
 * by tau^2 and so do we; the formula in the paper may leave it out. Start and end are steps, below 1 shares of the run (the code: after
 * epoch 5 of 300 or so, and until after the last). lambda is 0.3 in the code and 0.8 in its README; the decay is that of its library, the
 * paper's could not be verified. Evaluations are at w. The task must name its labels; the loss that a run reports is L'. Around accumulate the
 * average moves at every micro-batch.
 */
export const mesa = defineWrapper({
  id: 'mesa',
  summary: 'a penalty on leaving the outputs of the averaged model',
  source: 'Du et al. 2022, arXiv:2205.14083; AngusDujw/SAF',
  hyper: {
    mesaLambda: nonNegative(0.3, { tune: log(0.03, 3), doc: 'weight of the divergence' }),
    mesaTau: positive(5, { doc: 'temperature of both softmaxes' }),
    mesaDecay: unit(0.9998, { tune: logOneMinus(0.9, 0.9999), doc: 'decay of the average of the weights' }),
    mesaStart: nonNegative(0.02, { doc: 'steps without the penalty at first; below 1: a share of the run' }),
    mesaEnd: optional(
      nonNegative(0, { doc: 'the first step without it again; below 1: a share of the run; 0: never' }),
    ),
  },
  init: (w) => ({ average: w }),
  step({ state, oracle, t, horizon, hyper }, base) {
    const { mesaLambda, mesaTau, mesaDecay, mesaStart, mesaEnd } = hyper;
    const begun = t.gt(stepsOf(mesaStart, horizon));
    const active = mesaEnd ? begun.and(t.lt(stepsOf(mesaEnd, horizon))) : begun;
    const weight = where(active, mesaLambda, 0);
    const next = base({
      oracle: oracle.withTerm((logits, at) => distillation(logits, at(state.average), mesaTau).mul(weight)),
    });
    return { ...next, own: { average: ema(state.average, next.w, mesaDecay) } };
  },
});
