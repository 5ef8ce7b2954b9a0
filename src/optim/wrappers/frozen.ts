import type { Bundle } from '../../tensor/bundle.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { HyperError } from '../hyper.ts';
import type { Oracle } from '../oracle.ts';

/**
 * The oracle of a base whose gradient was gathered over several batches: only the mean at the trained parameters is known. `name` is the
 * composed name, for the refusals.
 */
export function frozenOracle(
  name: string,
  w: Bundle,
  means: readonly Bundle[],
  loss: (batch: number) => Tensor,
): Oracle {
  const refuse = (what: string) => (): never => {
    const outer = name.slice(0, name.indexOf('('));
    throw new HyperError(
      `${name}: the base asks for ${what}; put ${outer} inside instead, around the method that takes the gradient`,
    );
  };
  const at = (point: Bundle): void => {
    if (point !== w) refuse('a gradient at another point than the trained parameters')();
  };
  const grad: Oracle['grad'] = (point, { batch = 0 } = {}) => {
    at(point);
    return means[batch];
  };
  return {
    grad,
    valueAndGrad: (point, where = {}) => ({ value: loss(where.batch ?? 0), grad: grad(point, where) }),
    loss: (point, { batch = 0 } = {}) => {
      at(point);
      return loss(batch);
    },
    hessianVector: refuse('a Hessian-vector product'),
    perExampleGrads: refuse('per-example gradients'),
    sampledGrad: refuse('a gradient with sampled labels'),
    withTerm: refuse('a term of the logits'),
  };
}
