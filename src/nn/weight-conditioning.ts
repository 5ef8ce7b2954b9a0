import { TensorError } from '../tensor/error.ts';
import { unitRows } from '../tensor/row-norms.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * The weight that a conditioned layer uses: W^ = E W, E = diag(1 / |W_i|) over the rows of W [out, in] or [out, in, kh, kw], computed anew in
 * every pass. Saratchandran et al. 2024, arXiv:2409.03424. Row equilibration lowers the condition number to within sqrt(rows) of the best
 * that any diagonal scaling reaches (van der Sluis 1969). Unlike weight normalisation there is no learnable gain.
 *
 * `detachNorm` leaves E out of the derivative. The wrapper 'weight-conditioning' does the same to any model from outside.
 */
export function conditionedWeight(weight: Tensor, { detachNorm = false } = {}): Tensor {
  if (weight.rank < 2) throw new TensorError('conditionedWeight', `takes [out, in, ...], not ${weight}`);
  return unitRows(weight, { detachNorm });
}
