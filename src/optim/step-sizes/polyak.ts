import { where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { real } from '../hyper.ts';

// Polyak's step size, (f - f*) / |g|^2, reaches the level f* of the linear model of the loss in one step.

export const fStar = real(0, { doc: 'least value of the loss of a minibatch; 0 for plain cross-entropy' });

/** max(0, loss - fStar), a float64 scalar. */
export const gap = (loss: Tensor, fStar: Tensor): Tensor => loss.cast('float64').sub(fStar).maximum(0);

/** Below this norm a gradient is taken to be 0: no step. */
const smallest = 1e-8;

/** The step size where there is a gradient, 0 elsewhere. */
export const unlessFlat = (norm: Tensor, eta: Tensor): Tensor => where(norm.lt(smallest), 0, eta);
