import { sizeOf, stridesOf } from '../../tensor/shape.ts';
import { broadcast, generate, offsets, pick, type Rule, type Rules, zeros } from './array.ts';

type MovementName =
  | 'identity'
  | 'stopGradient'
  | 'reshape'
  | 'transpose'
  | 'broadcastTo'
  | 'slice'
  | 'pad'
  | 'concat'
  | 'flip'
  | 'segmentBroadcast'
  | 'segmentSum';

const transpose: Rule<'transpose'> = ([x], { permutation }, { shape }) => {
  const strides = stridesOf(x.shape);
  return pick(
    x,
    shape,
    offsets(
      shape,
      permutation.map((axis) => strides[axis]),
    ),
  );
};

const slice: Rule<'slice'> = ([x], { starts, strides: steps }, { shape }) => {
  const strides = stridesOf(x.shape);
  const start = starts.reduce((sum, first, axis) => sum + first * strides[axis], 0);
  return pick(
    x,
    shape,
    offsets(
      shape,
      strides.map((stride, axis) => stride * steps[axis]),
      start,
    ),
  );
};

const pad: Rule<'pad'> = ([x], { low, interior, value }, node) => {
  const strides = stridesOf(node.shape);
  const start = low.reduce((sum, before, axis) => sum + before * strides[axis], 0);
  const to = offsets(
    x.shape,
    strides.map((stride, axis) => stride * (interior[axis] + 1)),
    start,
  );
  const result = zeros(node);
  result.data.fill(value);
  for (let i = 0; i < to.length; i++) result.data[to[i]] = x.data[i];
  return result;
};

const concat: Rule<'concat'> = (inputs, { axis }, node) => {
  const strides = stridesOf(node.shape);
  const result = zeros(node);
  let start = 0;
  for (const x of inputs) {
    const to = offsets(x.shape, strides, start);
    for (let i = 0; i < to.length; i++) result.data[to[i]] = x.data[i];
    start += x.shape[axis] * strides[axis];
  }
  return result;
};

const flip: Rule<'flip'> = ([x], { axes }, { shape }) => {
  const strides = stridesOf(shape);
  const last = axes.reduce((sum, axis) => sum + (shape[axis] - 1) * strides[axis], 0);
  const signed = strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride));
  return pick(x, shape, offsets(shape, signed, last));
};

/** The segment that each element of the last axis belongs to. */
const segmentsOf = (sizes: readonly number[]): number[] => sizes.flatMap((size, k) => new Array<number>(size).fill(k));

const segmentBroadcast: Rule<'segmentBroadcast'> = ([x], { sizes }, node) => {
  const segments = segmentsOf(sizes);
  const [long, short] = [segments.length, sizes.length];
  return generate(node, (i) => x.data[Math.floor(i / long) * short + segments[i % long]]);
};

const segmentSum: Rule<'segmentSum'> = ([x], { sizes }, node) => {
  const segments = segmentsOf(sizes);
  const [long, short] = [segments.length, sizes.length];
  const result = zeros(node);
  for (let i = 0; i < sizeOf(x.shape); i++) {
    result.data[Math.floor(i / long) * short + segments[i % long]] += x.data[i];
  }
  return result;
};

export const movement: Rules<MovementName> = {
  identity: ([x]) => x,
  stopGradient: ([x]) => x,
  reshape: ([x], { shape }) => ({ ...x, shape }),
  transpose,
  broadcastTo: ([x], { shape }) => broadcast(x, shape),
  slice,
  pad,
  concat,
  flip,
  segmentBroadcast,
  segmentSum,
};
