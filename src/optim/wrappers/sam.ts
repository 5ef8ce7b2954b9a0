import { type Bundle, perTensor } from '../../tensor/bundle.ts';
import { ones } from '../../tensor/functions.ts';
import { choice, flag, log, nonNegative, positive } from '../hyper.ts';
import type { Oracle } from '../oracle.ts';
import { defineWrapper } from '../wrapper.ts';
import { perPoint } from './transformed.ts';

/**
 * SAM: the base sees the gradient at an adversarially perturbed point. Foret et al. 2021, arXiv:2010.01412, Algorithm 1; ASAM: Kwon et al. 2021,
 * arXiv:2102.11600, Algorithm 1.
 *
 *   SAM   e = rho g / |g|            ASAM   e = rho T^2 g / |T g|            the base steps from w with the gradient at w + e
 *
 * Norms run over all parameters; both gradients are of one minibatch, with the same dropout masks, and running statistics are those of the
 * pass at w. `scaling` 'weights' is T = |w| (davda54/sam), 'weights+eta' is T = |w| + eta, 1 for biases (the authors'; their rho is 0.5).
 * 1e-12 is added to the norm, so that nothing moves where the gradient is 0. `normalized: false` leaves the norm away: e = rho g (or
 * rho T^2 g), which is gradient regularisation by one finite difference, gradient-regularization with grGamma = grEps = rho, and loses
 * SAM's preference for flat minima. Losses that the base asks for are those at w.
 */
export const sam = defineWrapper({
  id: 'sam',
  summary: 'gradient at the worst point nearby: SAM and ASAM',
  source: 'Foret et al. 2021, arXiv:2010.01412, Algorithm 1; Kwon et al. 2021, arXiv:2102.11600, Algorithm 1',
  hyper: {
    rho: nonNegative(0.05, { tune: log(1e-2, 0.5), doc: 'radius of the neighbourhood' }),
    scaling: choice('none', ['none', 'weights', 'weights+eta'], 'element-wise scaling of the neighbourhood (ASAM)'),
    eta: positive(0.01, { doc: "added to |w| by scaling 'weights+eta'" }),
    normalized: flag(true, 'the perturbation has length rho whatever the gradient; without: rho times the gradient'),
  },
  step({ oracle, hyper: { rho, scaling, eta, normalized } }, base) {
    const scaleOf = (w: Bundle): Bundle =>
      scaling === 'weights'
        ? w.abs()
        : perTensor(
            ([x], { role, shape }) => (role === 'bias' ? ones(shape, x.dtype) : x.abs().add(eta.cast(x.dtype))),
            w,
          );
    const lengthOf = (scaled: Bundle) => (normalized ? rho.div(scaled.norm().add(1e-12)) : rho);
    const perturbed = (w: Bundle, g: Bundle): Bundle => {
      if (scaling === 'none') return w.add(g.mul(lengthOf(g)));
      const T = scaleOf(w);
      const scaled = T.mul(g);
      return w.add(T.mul(scaled).mul(lengthOf(scaled)));
    };
    return base({ oracle: sharp(oracle, perturbed) });
  },
});

/** Derivatives at a point that the gradient moves to; losses where they are asked for. */
function sharp(oracle: Oracle, perturbed: (w: Bundle, g: Bundle) => Bundle): Oracle {
  const at = perPoint((w, batch) => perturbed(w, oracle.grad(w, { batch })));
  return {
    loss: oracle.loss,
    grad: (w, where = {}) => oracle.grad(at(w, where.batch ?? 0), where),
    valueAndGrad: (w, where = {}) => ({
      value: oracle.valueAndGrad(w, where).value,
      grad: oracle.grad(at(w, where.batch ?? 0), where),
    }),
    hessianVector: (w, v, where = {}) => oracle.hessianVector(at(w, where.batch ?? 0), v, where),
    perExampleGrads: (w, where = {}) => oracle.perExampleGrads(at(w, where.batch ?? 0), where),
    sampledGrad: (w, where = {}) => oracle.sampledGrad(at(w, where.batch ?? 0), where),
    withTerm: (term) => sharp(oracle.withTerm(term), perturbed),
  };
}
