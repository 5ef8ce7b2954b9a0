import { TensorError } from '../tensor/error.ts';
import { dropout } from '../tensor/random.ts';
import type { Model } from './model.ts';

/**
 * Dropout as a layer: in training sets each element to 0 with probability `rate` in [0, 1) and scales the rest by 1 / (1 - rate); the
 * identity in evaluation. Srivastava et al. 2014, JMLR 15, in the inverted form.
 */
export function dropoutLayer(rate: number): Model {
  if (!(rate >= 0 && rate < 1)) throw new TensorError('dropoutLayer', `rate is ${rate}; it must lie in [0, 1)`);
  return {
    parameters: {},
    buffers: {},
    apply: (_, x, { training, random }) => (training ? dropout(x, rate, random) : x),
  };
}
