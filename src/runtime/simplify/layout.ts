import type { OpAttrs } from '../../tensor/attrs.ts';
import { broadcastShapes, type Shape, sameShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { broadcastTo, fill, type Make, type Rule, type Rules, reshape, uniform } from './rule.ts';

/** Movement of one number everywhere is that number everywhere. */
function fillAnew(node: Tensor, make: Make): Tensor | null {
  const value = uniform(node.inputs[0]);
  return value === null ? null : fill(make, value, node.shape, node.dtype);
}

const transpose: Rule<'transpose'> = (node, make) => {
  const [x] = node.inputs;
  const { permutation } = node.attrs;
  if (permutation.every((axis, i) => axis === i)) return x;
  const long = permutation.filter((axis) => x.shape[axis] !== 1);
  if (long.every((axis, i) => i === 0 || axis > long[i - 1])) return reshape(make, x, node.shape);
  if (!x.is('transpose')) return fillAnew(node, make);
  const inner = x.attrs.permutation;
  return make('transpose', x.inputs, { permutation: permutation.map((axis) => inner[axis]) });
};

type SliceAttrs = OpAttrs['slice'];

/** y[inner][outer] as one slice. */
function composed(inner: SliceAttrs, outer: SliceAttrs, shape: Shape): SliceAttrs {
  const starts = inner.starts.map((start, i) => start + outer.starts[i] * inner.strides[i]);
  const strides = inner.strides.map((stride, i) => stride * outer.strides[i]);
  return { starts, strides, limits: starts.map((start, i) => start + (shape[i] - 1) * strides[i] + 1) };
}

/** The part of a concatenation that a slice reads, when it is one. */
function withinPart(node: Tensor<'slice'>, joined: Tensor<'concat'>, make: Make): Tensor | null {
  const { starts, limits, strides } = node.attrs;
  const { axis } = joined.attrs;
  let from = 0;
  for (const part of joined.inputs) {
    const to = from + part.shape[axis];
    if (starts[axis] >= from && limits[axis] <= to) {
      const shift = (values: readonly number[]): number[] => values.map((v, i) => (i === axis ? v - from : v));
      return make('slice', [part], { starts: shift(starts), limits: shift(limits), strides });
    }
    from = to;
  }
  return null;
}

const slice: Rule<'slice'> = (node, make) => {
  const [x] = node.inputs;
  if (sameShape(x.shape, node.shape)) return x;
  if (x.is('slice')) return make('slice', x.inputs, composed(x.attrs, node.attrs, node.shape));
  if (x.is('concat')) return withinPart(node, x, make);
  return fillAnew(node, make);
};

/** Does b read on from where a ends, along an axis? */
const goesOn = (a: Tensor<'slice'>, b: Tensor<'slice'>, axis: number): boolean =>
  a.inputs[0] === b.inputs[0] &&
  [...a.attrs.strides, ...b.attrs.strides].every((stride) => stride === 1) &&
  a.attrs.starts.every((start, i) =>
    i === axis
      ? a.attrs.limits[i] === b.attrs.starts[i]
      : start === b.attrs.starts[i] && a.attrs.limits[i] === b.attrs.limits[i],
  );

/** Neighbouring slices of one tensor, joined again, are one slice: a tensor that was cut into parameters and is flat again. */
const concat: Rule<'concat'> = ({ inputs, attrs }, make) => {
  const { axis } = attrs;
  const parts: Tensor[] = [];
  for (const part of inputs) {
    const last = parts.at(-1);
    if (last?.is('slice') && part.is('slice') && goesOn(last, part, axis)) {
      const limits = last.attrs.limits.map((limit, i) => (i === axis ? part.attrs.limits[i] : limit));
      parts[parts.length - 1] = make('slice', last.inputs, { ...last.attrs, limits });
    } else parts.push(part);
  }
  if (parts.length === 1) return parts[0];
  return parts.length < inputs.length ? make('concat', parts, attrs) : null;
};

/** A sum of copies is a product, and what is only copied is copied after the sum. */
function sumOfCopies(node: Tensor<'sum'>, x: Tensor<'broadcastTo'>, make: Make): Tensor {
  const [source] = x.inputs;
  const { axes, keepDims } = node.attrs;
  const aligned = [...new Array<number>(x.rank - source.rank).fill(1), ...source.shape];
  const copies = axes.filter((axis) => aligned[axis] === 1 && x.shape[axis] > 1);
  const count = copies.reduce((product, axis) => product * x.shape[axis], 1);
  const sum = make('sum', [reshape(make, source, aligned)], { axes, keepDims });
  return broadcastTo(make, make('mul', [sum, fill(make, count, [], node.dtype)], {}), node.shape);
}

/** Over no axis, or axes of one element, nothing is reduced. */
const trivialReduction: Rule<'sum' | 'max' | 'min'> = ({ inputs: [x], attrs: { axes }, shape }, make) =>
  axes.every((axis) => x.shape[axis] === 1) ? reshape(make, x, shape) : null;

const swapsLast = ({ attrs: { permutation }, rank }: Tensor<'transpose'>): boolean =>
  permutation[rank - 1] === rank - 2 && permutation.slice(0, rank - 2).every((axis, i) => axis === i);

/** Batch axes that matmul repeats by itself need no broadcast. */
function slimFactor(x: Tensor, other: Tensor, batch: Shape): Tensor | null {
  if (!x.is('broadcastTo')) return null;
  const [source] = x.inputs;
  if (source.rank < 2 || !sameShape(source.shape.slice(-2), x.shape.slice(-2))) return null;
  const without = broadcastShapes(source.shape.slice(0, -2), other.shape.slice(0, -2));
  return without && sameShape(without, batch) ? source : null;
}

const matmul: Rule<'matmul'> = (node, make) => {
  const [a, b] = node.inputs;
  const { transposeA, transposeB } = node.attrs;
  const batch = node.shape.slice(0, -2);
  if (a.is('transpose') && swapsLast(a)) {
    return make('matmul', [a.inputs[0], b], { transposeA: !transposeA, transposeB });
  }
  if (b.is('transpose') && swapsLast(b)) {
    return make('matmul', [a, b.inputs[0]], { transposeA, transposeB: !transposeB });
  }
  const slimA = slimFactor(a, b, batch);
  if (slimA) return make('matmul', [slimA, b], node.attrs);
  const slimB = slimFactor(b, a, batch);
  if (slimB) return make('matmul', [a, slimB], node.attrs);
  if (node.rank === 2) return null;
  return outerProducts(node, make) ?? (b.rank === 2 && !transposeA ? inOneProduct(node, make) : null);
};

/** A batch of columns times rows (the gradients of one example each) sums nothing: as element-wise work it can be written where it belongs. */
function outerProducts(node: Tensor<'matmul'>, make: Make): Tensor | null {
  const { transposeA } = node.attrs;
  const [a, b] = node.inputs;
  if (a.shape[transposeA ? a.rank - 2 : a.rank - 1] !== 1) return null;
  const column = reshape(make, a, [...a.shape.slice(0, -2), node.shape[node.rank - 2], 1]);
  const row = reshape(make, b, [...b.shape.slice(0, -2), 1, node.shape[node.rank - 1]]);
  return make('mul', [column, row], {});
}

/** All rows of a batch times one matrix. */
function inOneProduct(node: Tensor<'matmul'>, make: Make): Tensor {
  const [a, b] = node.inputs;
  const rows = reshape(make, a, [a.size / a.shape[a.rank - 1], a.shape[a.rank - 1]]);
  return reshape(make, make('matmul', [rows, b], node.attrs), node.shape);
}

export const layout: Rules = {
  reshape: (node, make) => {
    const [x] = node.inputs;
    if (x.is('reshape')) return reshape(make, x.inputs[0], node.shape);
    return sameShape(x.shape, node.shape) ? x : fillAnew(node, make);
  },
  transpose,
  broadcastTo: (node, make) => {
    const [x] = node.inputs;
    if (sameShape(x.shape, node.shape)) return x;
    return x.is('broadcastTo') ? make('broadcastTo', x.inputs, node.attrs) : null;
  },
  slice,
  pad: (node, make) => {
    const [x] = node.inputs;
    if (sameShape(x.shape, node.shape)) return x;
    return uniform(x) === node.attrs.value ? fill(make, node.attrs.value, node.shape, node.dtype) : null;
  },
  concat,
  flip: (node, make) => {
    const [x] = node.inputs;
    const axes = node.attrs.axes.filter((axis) => x.shape[axis] > 1);
    if (axes.length === 0) return x;
    return axes.length < node.attrs.axes.length ? make('flip', [x], { axes }) : fillAnew(node, make);
  },

  sum: (node, make) => {
    const [x] = node.inputs;
    return trivialReduction(node, make) ?? (x.is('broadcastTo') ? sumOfCopies(node, x, make) : null);
  },
  max: trivialReduction,
  min: trivialReduction,
  matmul,
};
