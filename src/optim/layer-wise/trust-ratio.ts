import type { Bundle, Leaf } from '../../tensor/bundle.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { nonNegative, optional } from '../hyper.ts';

export interface TrustRatioOptions {
  /** The tensors that are rescaled. */
  readonly takes: (leaf: Leaf) => boolean;
  /** The ratio of all others, and where one of the norms is 0. */
  readonly otherwise: number | Tensor;
}

/** Norms of layers over norms of what moves them, a / b, tensor by tensor, held at each element. */
export function trustRatio(a: Bundle, b: Bundle, { takes, otherwise }: TrustRatioOptions): Bundle {
  const taken = a.perLeaf((leaf) => (takes(leaf) ? 1 : 0)).gt(0);
  const usable = taken.zip(a.gt(0), (x, y) => x.and(y as Tensor)).zip(b.gt(0), (x, y) => x.and(y as Tensor));
  return a.div(b).where(usable, otherwise);
}

/** The bounds of phi, as hyperparameters. */
export const phiHyper = {
  phiMin: optional(nonNegative(0, { doc: 'least |w| that steps are relative to; 0: none' })),
  phiMax: optional(
    nonNegative(0, { doc: 'largest |w| that steps are relative to; 0: none; many ports of LAMB have 10' }),
  ),
};

/** What is wrong with these bounds together; null when nothing is. */
export const checkPhi = ({ phiMin, phiMax }: { readonly phiMin: number; readonly phiMax: number }): string | null =>
  phiMax > 0 && phiMin > phiMax ? `phiMin is ${phiMin}; it must lie in [0, phiMax], phiMax being ${phiMax}` : null;

/** phi of You et al. 2020: the norm of a layer kept within [least, most]; a bound that is switched off does not bind. */
export function phi(norm: Bundle, least: Tensor | undefined, most: Tensor | undefined): Bundle {
  const raised = least ? norm.maximum(least) : norm;
  return most ? raised.minimum(most) : raised;
}
