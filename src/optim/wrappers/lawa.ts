import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { choose, evaluatedAt } from '../averaging/running-mean.ts';
import { count, flag } from '../hyper.ts';
import { defineWrapper } from '../wrapper.ts';

/** The mean of those checkpoints that there are after t steps; the others are 0. */
const meanOf = (checkpoints: readonly Bundle[], t: Tensor, every: number): Bundle =>
  checkpoints.reduce((sum, one) => sum.add(one)).div(t.div(every).floor().clip(1, checkpoints.length));

/**
 * LAWA: evaluates at the mean of the k latest checkpoints of the weights. Kaddour 2022, arXiv:2209.14981, eq. 1.
 *
 *   every lawaEvery steps:  push w, drop the oldest beyond k;  a = mean of what there is
 *
 * Checkpoints are taken once an epoch in the paper (k = 5 on ImageNet, 10 for RoBERTa), every 1000 steps in the authors' class (k = 10). The state is
 * k copies of the weights. `lawaWriteBack` puts the mean in the place of the trained weights at each checkpoint (the authors' class can, and can
 * reset the optimizer then; we keep its state).
 */
export const lawa = defineWrapper({
  id: 'lawa',
  summary: 'evaluates at the mean of the latest checkpoints',
  source: 'Kaddour 2022, arXiv:2209.14981, eq. 1',
  hyper: {
    lawaEvery: count(100, 'steps between checkpoints'),
    lawaCheckpoints: count(5, 'k: checkpoints that are averaged'),
    lawaWriteBack: flag(false, 'training goes on from the mean'),
  },
  init: (w, { lawaCheckpoints: k }) => ({ checkpoints: Array.from({ length: k }, () => zerosLike(w)) }),
  step({ state, t, every, hyper: { lawaEvery, lawaWriteBack } }, step) {
    const next = step();
    if (!every(lawaEvery, lawaEvery - 1)) return { ...next, own: state };
    const checkpoints = [next.w, ...state.checkpoints.slice(0, -1)];
    return { ...next, ...(lawaWriteBack && { w: meanOf(checkpoints, t, lawaEvery) }), own: { checkpoints } };
  },
  evaluationPoint: ({ w, state, t, hyper: { lawaEvery } }, evaluate, base) =>
    evaluatedAt(choose(t.ge(lawaEvery), meanOf(state.checkpoints, t, lawaEvery), w), evaluate, base),
});
