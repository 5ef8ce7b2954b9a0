import { type Bundle, perTensor } from '../../tensor/bundle.ts';
import { rowNorms } from '../../tensor/row-norms.ts';
import { choice, flag, log, positive } from '../hyper.ts';
import { defineWrapper } from '../wrapper.ts';
import { withGradient } from './transformed.ts';

/** How the bound of one of `leaves` tensors, of a share `part` of all parameters, relates to the bound of all. */
const shares = {
  each: () => 1,
  uniform: (leaves: number) => Math.sqrt(1 / leaves),
  proportional: (_: number, part: number) => Math.sqrt(part),
};

/** g where its norm (one number at each element) is below the bound, else scaled to it. */
const shortened = (g: Bundle, norm: Bundle, bound: Bundle): Bundle => g.where(norm.lt(bound), g.mul(bound.div(norm)));

/**
 * Clips each tensor's gradient to a length of its own: g_l <- g_l min(1, C_l / |g_l|). McMahan et al. 2018, arXiv:1710.06963, section 3.2.
 *
 * `share` says what C_l is of maxTensorNorm C: C itself ('each'), or what makes the whole no longer than C: C / sqrt(tensors) ('uniform') or
 * C sqrt(elements of the tensor / all elements) ('proportional').
 */
export const clipByTensor = defineWrapper({
  id: 'clip-tensor',
  summary: "each tensor's gradient clipped to a norm",
  source: 'McMahan et al. 2018, arXiv:1710.06963, section 3.2',
  hyper: {
    maxTensorNorm: positive(1, { tune: log(0.1, 10), doc: 'largest norm of a gradient' }),
    clipShare: choice('each', ['each', 'uniform', 'proportional'], 'the part of the bound that one tensor has'),
  },
  step: ({ oracle, hyper: { maxTensorNorm, clipShare } }, base) =>
    base({
      oracle: withGradient(oracle, (g) => {
        const { leaves, size } = g.layout;
        const bound = g.perLeaf((leaf) => shares[clipShare](leaves.length, leaf.size / size)).mul(maxTensorNorm);
        return shortened(g, g.tensorNorms(), bound);
      }),
    }),
});

/** Clips each tensor's gradient to a root mean square: g_l <- g_l / max(1, rms(g_l) / maxRms), as Optax's clip_by_block_rms. */
export const clipByRms = defineWrapper({
  id: 'clip-rms',
  summary: "each tensor's gradient clipped to a root mean square",
  source: 'Shazeer & Stern 2018, arXiv:1804.04235, section 6, for updates; Optax clip_by_block_rms',
  hyper: { maxRms: positive(1, { tune: log(1e-4, 1), doc: 'largest root mean square of a gradient' }) },
  step: ({ oracle, hyper: { maxRms } }, base) =>
    base({
      oracle: withGradient(oracle, (g) => {
        const rms = g
          .square()
          .tensorSums()
          .div(g.perLeaf(({ size }) => size))
          .sqrt();
        return g.div(rms.div(maxRms).maximum(1));
      }),
    }),
});

/**
 * Adaptive gradient clipping: no unit's gradient is longer than a share of its weights. Brock et al. 2021, arXiv:2102.06171, eq. 3.
 *
 *   G_i <- G_i agcRatio max(|W_i|, agcEps) / |G_i|  where |G_i| exceeds that
 *
 * A unit is an output: a row of a matrix [out, in] or of a kernel [out, in, kh, kw]; a vector or a scalar is one unit. The head is left as it is
 * (section 4 of the paper), unless `clipHead`. timm's adaptive_clip_grad, pytorch_optimizer's agc and Optax's adaptive_grad_clip clip every
 * tensor they are given, Optax with units along the last axis, since its matrices are [in, out].
 */
export const clipAgc = defineWrapper({
  id: 'clip-agc',
  summary: "each unit's gradient clipped to a share of its weights",
  source: 'Brock et al. 2021, arXiv:2102.06171, eq. 3',
  hyper: {
    agcRatio: positive(0.01, { tune: log(1e-3, 0.3), doc: 'lambda: largest ratio of a gradient to its weights' }),
    agcEps: positive(1e-3, { doc: 'least norm of a unit that the ratio is taken of' }),
    clipHead: flag(false, 'clip the output matrix too'),
  },
  step: ({ oracle, hyper: { agcRatio, agcEps, clipHead } }, base) =>
    base({
      oracle: withGradient(oracle, (g, w) =>
        perTensor(
          ([gradient, weight], { role, shape }) => {
            if (role === 'head' && !clipHead) return gradient;
            // As vectors, for tensors without axes would compute in float64.
            const [G, W] = shape.length === 0 ? [gradient.reshape([1]), weight.reshape([1])] : [gradient, weight];
            const bound = rowNorms(W).maximum(agcEps).mul(agcRatio);
            const excess = rowNorms(G).div(bound).maximum(1);
            return G.div(excess).reshape(shape);
          },
          g,
          w,
        ),
      ),
    }),
});
