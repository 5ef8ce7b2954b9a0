import type { Tensor } from '../../tensor/tensor.ts';
import { fill, type Make, uniform } from './rule.ts';

/** The parts of a tensor along an axis, in order; zero wherever there is none. */
interface Pieces {
  readonly axis: number;
  readonly parts: readonly { readonly tensor: Tensor; readonly from: number; readonly to: number }[];
}

const partsOf = (tensors: readonly Tensor[], axis: number, start: number): Pieces['parts'] => {
  let from = start;
  return tensors.flatMap((tensor) => {
    const part = { tensor, from, to: from + tensor.shape[axis] };
    from = part.to;
    return uniform(tensor) === 0 ? [] : [part];
  });
};

function piecesOf(x: Tensor): Pieces | null {
  if (x.is('concat')) return { axis: x.attrs.axis, parts: partsOf(x.inputs, x.attrs.axis, 0) };
  if (!x.is('pad')) return null;
  const { low, high, interior, value } = x.attrs;
  const [inner] = x.inputs;
  const padded = [...x.shape.keys()].filter((axis) => low[axis] !== 0 || high[axis] !== 0);
  const [axis] = padded;
  const plain = padded.length === 1 && value === 0 && interior.every((gap) => gap === 0);
  if (!plain || low[axis] < 0 || high[axis] < 0) return null;
  const within = inner.is('concat') && inner.attrs.axis === axis ? inner.inputs : [inner];
  return { axis, parts: partsOf(within, axis, low[axis]) };
}

/**
 * A sum of parts that lie apart, each padded with zeros to the whole, is their concatenation: the gradient of a tensor that was cut
 * into slices. What no part covers stays zero.
 */
export function sumOfPieces(node: Tensor, a: Tensor, b: Tensor, make: Make): Tensor | null {
  const [first, second] = [piecesOf(a), piecesOf(b)];
  if (!first || !second || first.axis !== second.axis) return null;
  if (a.rank !== b.rank || a.shape.some((n, i) => n !== b.shape[i])) return null;
  const { axis } = first;
  const parts = [...first.parts, ...second.parts].sort((x, y) => x.from - y.from);
  if (parts.some(({ from }, i) => i > 0 && from < parts[i - 1].to)) return null;
  const tensors: Tensor[] = [];
  let covered = 0;
  const zerosUntil = (end: number): void => {
    if (end === covered) return;
    const shape = node.shape.map((n, i) => (i === axis ? end - covered : n));
    tensors.push(fill(make, 0, shape, node.dtype));
  };
  for (const { tensor, from, to } of parts) {
    zerosUntil(from);
    tensors.push(tensor);
    covered = to;
  }
  zerosUntil(node.shape[axis]);
  return make('concat', tensors, { axis });
}
