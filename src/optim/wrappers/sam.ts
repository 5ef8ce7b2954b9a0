import { type Bundle, perTensor } from '../../tensor/bundle.ts';
import { choice, log, nonNegative, positive } from '../hyper.ts';
import { defineWrapper } from '../wrapper.ts';
import { perPoint } from './transformed.ts';

/**
 * SAM: the base sees the gradient at an adversarially perturbed point. Foret et al. 2021, arXiv:2010.01412, Algorithm 1; ASAM: Kwon et al. 2021,
 * arXiv:2102.11600, Algorithm 1.
 *
 *   SAM   e = rho g / |g|            ASAM   e = rho T^2 g / |T g|            the base steps from w with the gradient at w + e
 *
 * Norms run over all parameters; both gradients are of one minibatch, with the same dropout masks. `scaling` 'weights' is T = |w|
 * (davda54/sam), 'weights+eta' is T = |w| + eta, 1 for biases (the authors'; their rho is 0.5). Losses that the base asks for are those at w.
 */
export const sam = defineWrapper({
  id: 'sam',
  summary: 'gradient at the worst point nearby: SAM and ASAM',
  source: 'Foret et al. 2021, arXiv:2010.01412, Algorithm 1; Kwon et al. 2021, arXiv:2102.11600, Algorithm 1',
  hyper: {
    rho: nonNegative(0.05, { tune: log(1e-2, 0.5), doc: 'radius of the neighbourhood' }),
    scaling: choice('none', ['none', 'weights', 'weights+eta'], 'element-wise scaling of the neighbourhood (ASAM)'),
    eta: positive(0.01, { doc: "added to |w| by scaling 'weights+eta'" }),
  },
  step({ oracle, hyper: { rho, scaling, eta } }, base) {
    const scaleOf = (w: Bundle): Bundle =>
      scaling === 'weights'
        ? w.abs()
        : perTensor(([x], { role }) => (role === 'bias' ? x.mul(0).add(1) : x.abs().add(eta)), w);
    const perturbed = perPoint((w, batch) => {
      const g = oracle.grad(w, { batch });
      if (scaling === 'none') return w.add(g.mul(rho.div(g.norm().add(1e-12))));
      const T = scaleOf(w);
      const scaled = T.mul(g);
      return w.add(T.mul(scaled).mul(rho.div(scaled.norm().add(1e-12))));
    });
    return base({
      oracle: {
        loss: oracle.loss,
        grad: (w, at = {}) => oracle.grad(perturbed(w, at.batch ?? 0), at),
        valueAndGrad: (w, at = {}) => ({
          value: oracle.valueAndGrad(w, at).value,
          grad: oracle.grad(perturbed(w, at.batch ?? 0), at),
        }),
        hessianVector: (w, v, at = {}) => oracle.hessianVector(perturbed(w, at.batch ?? 0), v, at),
        perExampleGrads: (w, at = {}) => oracle.perExampleGrads(perturbed(w, at.batch ?? 0), at),
      },
    });
  },
});
