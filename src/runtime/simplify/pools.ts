import type { CompareName, OpName } from '../../tensor/attrs.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { fill, type Make, type Rules, uniform } from './rule.ts';

const comparisons: ReadonlySet<OpName> = new Set<CompareName>(['eq', 'ne', 'lt', 'le', 'gt', 'ge']);
const isComparison = (node: Tensor): node is Tensor<CompareName> => comparisons.has(node.op);

/**
 * What is asked of the elements that receive something is asked of the maxima, of which there are fewer: `y > 0 ? scatter(y, dy) : 0` is
 * `scatter(y, max(y) > 0 ? dy : 0)`. This is the derivative of a pool of ReLU.
 */
function askedOfMaxima(node: Tensor<'where'>, make: Make): Tensor | null {
  const [condition, scattered, otherwise] = node.inputs;
  if (!scattered.is('maxPoolScatter') || !isComparison(condition) || !Object.is(uniform(otherwise), 0)) return null;
  const [y, dy] = scattered.inputs;
  const limit = uniform(condition.inputs[1]);
  if (condition.inputs[0] !== y || limit === null || dy.size >= y.size) return null;
  const of = (value: number): Tensor => fill(make, value, dy.shape, y.dtype);
  const maxima = make('maxPool', [y], scattered.attrs);
  const wanted = make(condition.op, [maxima, of(limit)], {});
  return make('maxPoolScatter', [y, make('where', [wanted, dy, of(0)], {})], scattered.attrs);
}

/** Of an image, what is scattered to it sums to what was there to scatter. */
function sumOfScattered({ inputs: [x], attrs }: Tensor<'sum'>, make: Make): Tensor | null {
  if (!x.is('maxPoolScatter') || !attrs.axes.includes(2) || !attrs.axes.includes(3)) return null;
  return make('sum', [x.inputs[1]], attrs);
}

export const pools: Rules = { where: askedOfMaxima, sum: sumOfScattered };
