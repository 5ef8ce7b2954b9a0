import { log, nonNegative } from '../hyper.ts';
import { defineWrapper } from '../wrapper.ts';
import { withGradient } from './transformed.ts';

/**
 * Annealed Gaussian noise on the gradient. Neelakantan et al. 2015, arXiv:1511.06807, eq. 1.
 *
 *   g <- g + sigma_t z,  z ~ N(0, I),  sigma_t^2 = noiseVariance / t^noiseDecay,  t = 1, 2, ...
 *
 * (The paper counts from 0: eta / (1 + t)^gamma.) noiseVariance is a variance, not a standard deviation; the paper takes 0.01, 0.3 or 1, and
 * 0.55 for the decay. Every gradient that the base asks for has noise of its own. As we read the paper, clipping comes before the noise:
 * clip(gradient-noise(sgd)), for the outer wrapper is the first to see the gradient. Hessian-vector products and per-example gradients
 * are left as they are.
 */
export const gradientNoise = defineWrapper({
  id: 'gradient-noise',
  summary: 'Gaussian noise of falling variance on the gradient',
  source: 'Neelakantan et al. 2015, arXiv:1511.06807, eq. 1',
  hyper: {
    noiseVariance: nonNegative(0.01, { tune: log(1e-6, 1), doc: 'eta: variance of the noise at the first step' }),
    noiseDecay: nonNegative(0.55, { doc: 'gamma: the variance falls as t^-gamma' }),
  },
  step({ w, oracle, t, random, hyper: { noiseVariance, noiseDecay } }, base) {
    const deviation = noiseVariance.mul(t.pow(noiseDecay.neg())).sqrt();
    return base({
      oracle: withGradient(oracle, (g) =>
        g.map((flat) => flat.add(random.normal([w.layout.size], flat.dtype).mul(deviation))),
      ),
    });
  },
});
