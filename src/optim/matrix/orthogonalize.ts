import type { Tensor } from '../../tensor/tensor.ts';
import { choice, count } from '../hyper.ts';
import { newtonSchulz } from './newton-schulz.ts';
import { polar } from './polar.ts';

/** Gives U V', or nearly, of a matrix U S V'. */
export type Orthogonalizer = (M: Tensor) => Tensor;

/** How methods say which orthogonaliser they take. */
export const orthogonalizeHyper = {
  orthogonalize: choice('newton-schulz', ['newton-schulz', 'exact'], 'iterations, or an eigendecomposition'),
  steps: count(5, 'Newton-Schulz iterations'),
};

export const orthogonalizer = ({
  orthogonalize,
  steps,
}: {
  readonly orthogonalize: 'newton-schulz' | 'exact';
  readonly steps: number;
}): Orthogonalizer => (orthogonalize === 'exact' ? polar : (M) => newtonSchulz(M, { steps }));
