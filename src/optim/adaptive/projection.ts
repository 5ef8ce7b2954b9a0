import { Bundle } from '../../tensor/bundle.ts';
import { ones, where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { fraction, nonNegative } from '../hyper.ts';

/** What both methods with this projection ask for. */
export const projectionHyper = {
  delta: nonNegative(0.1, { doc: 'a tensor counts as scale-invariant where |cos(g, w)| < delta / sqrt(length)' }),
  wdRatio: fraction(0.1, {
    doc: 'share of the weight decay on scale-invariant tensors',
  }),
};

interface ProjectionRates {
  readonly delta: Tensor;
  readonly wdRatio: Tensor;
  readonly eps: Tensor;
}

const rowNorms = (x: Tensor): Tensor => x.square().sum(1, { keepDims: true }).sqrt();

/** One view of a tensor as rows: does every row look scale-invariant, and the update without its radial part. */
function inRows(w: Tensor, g: Tensor, update: Tensor, { delta, eps }: ProjectionRates) {
  const [, length] = w.shape;
  const norms = rowNorms(w);
  const cosine = w
    .mul(g)
    .sum(1, { keepDims: true })
    .div(norms.maximum(eps).mul(rowNorms(g).maximum(eps)));
  const direction = w.div(norms.add(eps));
  const radial = direction.mul(update).sum(1, { keepDims: true });
  return {
    invariant: cosine
      .abs()
      .max()
      .lt(delta.div(Math.sqrt(length))),
    tangent: update.sub(direction.mul(radial)),
  };
}

/**
 * Removes from the update of each tensor that looks scale-invariant what points along its weights. Heo et al. 2021, arXiv:2006.08217, section
 * 3.2; the test as in the authors' code: the gradient is nearly orthogonal to the weights in every row (output), or else over the whole tensor.
 * `ratio` is what remains of the weight decay: wdRatio there, 1 elsewhere. Tensors of fewer than two axes pass. eps keeps norms from 0.
 */
export function projectRadial(
  w: Bundle,
  g: Bundle,
  update: Bundle,
  rates: ProjectionRates,
): Record<'update' | 'ratio', Bundle> {
  const { layout } = w;
  const parts = layout.leaves.map(({ shape, size }, i) => {
    const u = update.leaves[i];
    if (shape.length < 2) return { update: u, ratio: ones(shape, u.dtype) };
    const view = (rows: number) => {
      const [x, gradient, move] = [w, g, update].map((bundle) => bundle.leaves[i].reshape([rows, size / rows]));
      const { invariant, tangent } = inRows(x, gradient, move, rates);
      return { invariant, tangent: tangent.reshape(shape) };
    };
    const [rows, whole] = [view(shape[0]), view(1)];
    const ratio = where(rows.invariant.or(whole.invariant), rates.wdRatio, 1).cast(u.dtype).broadcastTo(shape);
    return { update: where(rows.invariant, rows.tangent, where(whole.invariant, whole.tangent, u)), ratio };
  });
  const bundle = (name: 'update' | 'ratio') =>
    Bundle.fromLeaves(
      layout,
      parts.map((part) => part[name]),
    );
  return { update: bundle('update'), ratio: bundle('ratio') };
}
