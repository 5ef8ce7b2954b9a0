import type { Tensor } from '../../tensor/tensor.ts';
import { linear, real } from '../hyper.ts';
import type { Oracle } from '../oracle.ts';
import { defineWrapper } from '../wrapper.ts';

/**
 * Flooding: the training loss is kept near a level b instead of falling to 0. Ishida et al. 2020, arXiv:2002.08709, eq. 5.
 *
 *   L' = |L - b| + b      the base sees g where the minibatch's L > b, -g where L < b, 0 where they are equal
 *
 * L is the mean loss of the minibatch. Two steps that descend and ascend in turn are a finite difference of gradients: gradient regularisation
 * without its cost (Karakida et al. 2023, arXiv:2210.02720). The paper searches b in 0 to 0.2 by validation error; any number is legal, for losses
 * may be negative, and below the least loss it does nothing. The default 0.05 is our choice. Everything that the base asks for is of L'; the
 * loss that a run reports is L.
 */
export const flooding = defineWrapper({
  id: 'flooding',
  summary: 'the training loss is kept near a level: ascent below it',
  source: 'Ishida et al. 2020, arXiv:2002.08709, eq. 5',
  hyper: { floodLevel: real(0.05, { tune: linear(0, 0.2), doc: 'b: the loss below which the step ascends' }) },
  step: ({ oracle, hyper: { floodLevel } }, base) => base({ oracle: flooded(oracle, floodLevel) }),
});

function flooded(oracle: Oracle, level: Tensor): Oracle {
  const above = (loss: Tensor): Tensor => loss.sub(level.cast(loss.dtype));
  const signAt: (...asked: Parameters<Oracle['grad']>) => Tensor = (w, at) =>
    above(oracle.valueAndGrad(w, at).value).sign();
  const flood = (loss: Tensor): Tensor => above(loss).abs().add(level.cast(loss.dtype));
  const grad: Oracle['grad'] = (w, at) => oracle.grad(w, at).mul(signAt(w, at));
  return {
    loss: (w, at) => flood(oracle.loss(w, at)),
    grad,
    valueAndGrad: (w, at) => ({ value: flood(oracle.valueAndGrad(w, at).value), grad: grad(w, at) }),
    hessianVector: (w, v, at) => oracle.hessianVector(w, v, at).mul(signAt(w, at)),
    perExampleGrads: (w, at) => {
      const grads = oracle.perExampleGrads(w, at);
      return grads.mul(signAt(w, at).cast(grads.dtype));
    },
    sampledGrad: oracle.sampledGrad,
    withTerm: (term) => flooded(oracle.withTerm(term), level),
  };
}
