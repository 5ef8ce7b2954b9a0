import { type Bundle, type Leaf, zerosLike } from '../../tensor/bundle.ts';
import { choice, flag, log, logOneMinus, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { ema, oneMinus } from '../rules.ts';
import {
  columns,
  directions,
  kindOf,
  linf,
  type Norm,
  namedNorm,
  operatorShape,
  scaled,
  spectral,
  timesEach,
} from './norms.ts';
import { type Orthogonalizer, orthogonalizeHyper, orthogonalizer } from './orthogonalize.ts';

const lmos = ['spectral', 'spectral-input', 'sign', 'column', 'row'] as const;

/** The norm over whose unit ball an oracle minimises. */
function normOf(lmo: (typeof lmos)[number], leaf: Leaf, orthogonalize: Orthogonalizer): Norm {
  const [r, c] = operatorShape(leaf);
  switch (lmo) {
    case 'spectral': {
      // A kernel acts at kh kw places at once: its radius is sqrt(r / in) / (kh kw), with c = in kh kw.
      const places = leaf.shape.slice(2).reduce((product, side) => product * side, 1);
      return scaled(namedNorm('rms', [r, c], orthogonalize), 1 / Math.sqrt(places));
    }
    case 'spectral-input':
      return scaled(spectral(orthogonalize), Math.max(1, Math.sqrt(r / c)));
    case 'sign':
      return scaled(columns(linf), 1 / c);
    case 'column':
      return namedNorm('column-rms', [r, c]);
    case 'row':
      return namedNorm('row-rms', [r, c]);
  }
}

/**
 * Scion: conditional gradients over a norm ball for each layer. Pethick et al. 2025, "Training Deep Learning Models with Norm-Constrained
 * LMOs", arXiv:2502.07529; the `unconstrained` form is its uSCG, the other one its SCG.
 *
 *   m <- momentum m + (1 - momentum) g,   D = argmax <m, T> over |T| <= 1 (`norms.ts`)
 *   w <- (1 - lr) w - lr radius D         unconstrained: w <- w - lr radius D
 *
 * The constrained form never leaves the ball of `radius` once in it; its (1 - lr) is no weight decay and takes all tensors. D by tensor, [r, c]:
 * 'spectral' sqrt(r / c) NS5(m), over kh kw for a kernel and its `in` inputs; 'spectral-input' max(1, sqrt(r / c)) NS5(m), for image inputs;
 * 'sign' sign(m) / c; 'column' sqrt(r) by columns, for one-hot inputs; 'row' rows / sqrt(c); all vectors m / RMS(m). To lengths that are
 * divided by, 1e-8 is added. The paper's alpha is 1 - momentum. Radii are those of its GPT: 50 and, for the head, 3000; those of
 * embeddings (there tied to the head) and vectors (there none) are ours.
 */
export const scion = defineOptimizer({
  id: 'scion',
  summary: 'linear-minimisation oracles over norm balls, one norm for each kind of tensor',
  source: 'Pethick et al. 2025, arXiv:2502.07529; LIONS-EPFL/scion',
  hyper: {
    lr: positive(2 ** -12, { tune: log(3e-5, 3e-3), doc: 'step size, gamma in the paper' }),
    momentum: optional(unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: '1 - alpha; 0 keeps no average' })),
    unconstrained: flag(false, 'normalised steepest descent, without the shrinking towards the ball'),
    matrix: choice('spectral', lmos, 'oracle of hidden matrices and kernels'),
    embedding: choice('column', lmos, 'oracle of embeddings'),
    head: choice('sign', lmos, 'oracle of the head'),
    radius: positive(50, { doc: 'radius for hidden matrices and kernels' }),
    embeddingRadius: positive(50, { doc: 'radius for embeddings' }),
    headRadius: positive(3000, { doc: 'radius for the head' }),
    vectorRadius: positive(50, { doc: 'radius for vectors' }),
    ...orthogonalizeHyper,
  },
  init: (w, { momentum }): { m?: Bundle } => (momentum ? { m: zerosLike(w) } : {}),
  step({ w, state, oracle, hyper }) {
    const { lr, momentum, unconstrained, radius, embeddingRadius, headRadius, vectorRadius } = hyper;
    const orthogonalize = orthogonalizer(hyper);
    const g = oracle.grad(w);
    const m = state.m && momentum ? ema(state.m, g, momentum) : g;
    const radii = { matrix: radius, embedding: embeddingRadius, head: headRadius, vector: vectorRadius };
    const oracles = { matrix: hyper.matrix, embedding: hyper.embedding, head: hyper.head, vector: 'column' } as const;
    const D = directions(m, (leaf) => normOf(oracles[kindOf(leaf)], leaf, orthogonalize), 1e-8);
    const step = timesEach(
      D,
      w.layout.leaves.map((leaf) => radii[kindOf(leaf)]),
    );
    const kept = unconstrained ? w : w.mul(oneMinus(lr));
    return { w: kept.sub(step.mul(lr)), state: state.m ? { m } : {} };
  },
});
