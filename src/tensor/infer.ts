import type { ConvGeometry, OpAttrs, OpName, PoolGeometry } from './attrs.ts';
import { type DType, isFloat } from './dtype.ts';
import { TensorError } from './error.ts';
import { broadcastShapes, formatShape, normalizeAxis, reducedShape, type Shape, sameShape } from './shape.ts';

/** What is known of a tensor when a function is traced. */
export interface Aval {
  readonly shape: Shape;
  readonly dtype: DType;
}

type Rule<K extends OpName> = (inputs: readonly Aval[], attrs: OpAttrs[K], op: K) => Aval;

const describe = (inputs: readonly Aval[]): string =>
  inputs.map(({ shape, dtype }) => `${dtype}${formatShape(shape)}`).join(' and ');

const numeric = (op: OpName, { dtype }: Aval): void => {
  if (dtype === 'bool') throw new TensorError(op, 'takes numbers, not bool; cast first');
};

const float = (op: OpName, input: Aval): void => {
  if (!isFloat(input.dtype)) throw new TensorError(op, `takes a float tensor, not ${describe([input])}; cast first`);
};

const indices = (op: OpName, input: Aval): void => {
  if (input.dtype !== 'int32') throw new TensorError(op, `takes int32 indices, not ${describe([input])}; cast first`);
};

const oneDType = (op: OpName, inputs: readonly Aval[]): void => {
  if (inputs.some(({ dtype }) => dtype !== inputs[0].dtype)) {
    throw new TensorError(op, `mixes dtypes: ${describe(inputs)}; cast one side`);
  }
};

const broadcast = (op: OpName, inputs: readonly Aval[]): number[] => {
  const shape = broadcastShapes(...inputs.map((input) => input.shape));
  if (!shape) throw new TensorError(op, `shapes do not broadcast: ${describe(inputs)}`);
  return shape;
};

const minRank = (op: OpName, input: Aval, rank: number): void => {
  if (input.shape.length < rank) throw new TensorError(op, `takes rank ${rank} or more, not ${describe([input])}`);
};

const exactRank = (op: OpName, input: Aval, rank: number): void => {
  if (input.shape.length !== rank) throw new TensorError(op, `takes rank ${rank}, not ${describe([input])}`);
};

const oneAxis = (op: OpName, input: Aval, axis: number): void => {
  if (normalizeAxis(axis, input.shape.length) !== axis) {
    throw new TensorError(op, `has no axis ${axis} in ${describe([input])}`);
  }
};

const wrong = (op: OpName, inputs: readonly Aval[], problem: string): never => {
  throw new TensorError(op, `${problem}; got ${describe(inputs)}`);
};

/** What [..., T, 3 width] means to this many heads: [..., T, width]. */
function mixedShape(op: OpName, qkv: Aval, heads: number): Shape {
  float(op, qkv);
  minRank(op, qkv, 2);
  const [steps, width] = [qkv.shape.at(-2) ?? 0, (qkv.shape.at(-1) ?? 0) / 3];
  if (!(Number.isInteger(heads) && heads > 0)) throw new TensorError(op, `takes a whole number of heads, not ${heads}`);
  if (steps === 0 || width === 0 || width % heads !== 0) {
    wrong(op, [qkv], `takes [..., T, 3 width] with a step at least and a width that parts into ${heads} heads`);
  }
  return [...qkv.shape.slice(0, -1), width];
}

/** Quantities that `lstmTrace` holds of every step. */
export const traceWidth = 6;

/** Axes before the recurrence, and [T, N, hidden]. */
function recurrence(op: OpName, inputs: readonly Aval[]): { leading: Shape; sizes: Shape } {
  const [ofInput, weight] = inputs;
  float(op, ofInput);
  oneDType(op, inputs);
  minRank(op, ofInput, 3);
  minRank(op, weight, 2);
  const [leading, [gates, hidden]] = [ofInput.shape.slice(0, -3), weight.shape.slice(-2)];
  const all = broadcastShapes(leading, weight.shape.slice(0, -2));
  if (gates !== 4 * hidden || ofInput.shape.at(-1) !== gates || !all || !sameShape(all, leading)) {
    wrong(op, inputs, 'takes [..., T, N, 4 hidden] and weights [..., 4 hidden, hidden]');
  }
  if (ofInput.shape.at(-3) === 0) wrong(op, inputs, 'takes one step at least');
  return { leading, sizes: [...ofInput.shape.slice(-3, -1), hidden] };
}

const unary = ([x]: readonly Aval[], _: unknown, op: OpName): Aval => {
  float(op, x);
  return x;
};
/** Unary ops that also make sense on integers. */
const unaryNumeric = ([x]: readonly Aval[], _: unknown, op: OpName): Aval => {
  numeric(op, x);
  return x;
};
const binary = (inputs: readonly Aval[], _: unknown, op: OpName): Aval => {
  oneDType(op, inputs);
  numeric(op, inputs[0]);
  return { shape: broadcast(op, inputs), dtype: inputs[0].dtype };
};
const compare = (inputs: readonly Aval[], _: unknown, op: OpName): Aval => {
  oneDType(op, inputs);
  return { shape: broadcast(op, inputs), dtype: 'bool' };
};
const logic = (inputs: readonly Aval[], _: unknown, op: OpName): Aval => {
  if (inputs.some(({ dtype }) => dtype !== 'bool')) wrong(op, inputs, 'takes bools');
  return { shape: broadcast(op, inputs), dtype: 'bool' };
};
const reduction = ([x]: readonly Aval[], { axes, keepDims }: OpAttrs['sum'], op: OpName): Aval => {
  numeric(op, x);
  for (const axis of axes) oneAxis(op, x, axis);
  if (new Set(axes).size !== axes.length) wrong(op, [x], `names an axis twice: ${formatShape(axes)}`);
  return { shape: reducedShape(x.shape, axes, keepDims), dtype: x.dtype };
};
const extremum = (inputs: readonly Aval[], attrs: OpAttrs['max'], op: OpName): Aval => {
  if (attrs.axes.some((axis) => inputs[0].shape[axis] === 0)) wrong(op, inputs, 'reduces an empty axis');
  return reduction(inputs, attrs, op);
};
const leaf = (_: readonly Aval[], { shape, dtype }: { shape: Shape; dtype: DType }): Aval => ({ shape, dtype });
const same = ([x]: readonly Aval[]): Aval => x;

/** Rows that a window of `size` (dilated) takes when it slides over `n` padded elements. */
const windows = (n: number, size: number, stride: number, [low, high]: readonly [number, number], dilation = 1) =>
  Math.floor((n + low + high - dilation * (size - 1) - 1) / stride) + 1;

function convShape(op: OpName, x: Aval, kernel: Aval, { stride, padding, dilation, groups }: ConvGeometry): number[] {
  exactRank(op, x, 4);
  exactRank(op, kernel, 4);
  const [n, c, h, w] = x.shape;
  const [out, perGroup, kh, kw] = kernel.shape;
  if (padding.flat().some((p) => p < 0) || [...stride, ...dilation].some((s) => s < 1)) {
    wrong(
      op,
      [x, kernel],
      `padding ${padding} must not be negative, stride ${stride} and dilation ${dilation} not below 1`,
    );
  }
  if (c !== perGroup * groups || out % groups !== 0) {
    wrong(op, [x, kernel], `channels do not fit ${groups} group(s)`);
  }
  const height = windows(h, kh, stride[0], padding[0], dilation[0]);
  const width = windows(w, kw, stride[1], padding[1], dilation[1]);
  if (height < 1 || width < 1) wrong(op, [x, kernel], 'the kernel is larger than the padded image');
  return [n, out, height, width];
}

function poolShape(op: OpName, x: Aval, { window, stride, padding }: PoolGeometry): number[] {
  exactRank(op, x, 4);
  float(op, x);
  for (const side of [0, 1]) {
    if (padding[side].some((p) => p < 0 || p >= window[side])) {
      wrong(op, [x], `padding ${padding[side]} must lie in [0, ${window[side]})`);
    }
  }
  const height = windows(x.shape[2], window[0], stride[0], padding[0]);
  const width = windows(x.shape[3], window[1], stride[1], padding[1]);
  if (height < 1 || width < 1) wrong(op, [x], 'the window is larger than the padded image');
  return [x.shape[0], x.shape[1], height, width];
}

/** Shape and dtype of every op's result; each rule refuses what the op cannot take. */
export const infer: { readonly [K in OpName]: Rule<K> } = {
  parameter: leaf,
  constant: (_, attrs, op) => {
    const size = attrs.shape.reduce((a, b) => a * b, 1);
    if (attrs.values.length !== size) {
      throw new TensorError(op, `${attrs.values.length} numbers do not fill ${formatShape(attrs.shape)}`);
    }
    return leaf([], attrs);
  },
  iota: leaf,
  random: leaf,

  neg: unaryNumeric,
  abs: unaryNumeric,
  sign: unaryNumeric,
  exp: unary,
  expm1: unary,
  log: unary,
  log1p: unary,
  sqrt: unary,
  sin: unary,
  cos: unary,
  tanh: unary,
  sigmoid: unary,
  erf: unary,
  relu: unary,
  floor: unary,
  ceil: unary,
  round: unary,

  add: binary,
  sub: binary,
  mul: binary,
  div: (inputs, attrs, op) => {
    for (const input of inputs) float(op, input);
    return binary(inputs, attrs, op);
  },
  pow: (inputs, attrs, op) => {
    for (const input of inputs) float(op, input);
    return binary(inputs, attrs, op);
  },
  maximum: binary,
  minimum: binary,

  eq: compare,
  ne: compare,
  lt: compare,
  le: compare,
  gt: compare,
  ge: compare,
  and: logic,
  or: logic,
  not: logic,

  identity: same,
  stopGradient: same,
  cast: ([x], { dtype }) => ({ shape: x.shape, dtype }),
  where: (inputs, _, op) => {
    const [condition, a, b] = inputs;
    if (condition.dtype !== 'bool') wrong(op, inputs, 'the condition must be bool');
    oneDType(op, [a, b]);
    return { shape: broadcast(op, inputs), dtype: a.dtype };
  },

  sum: reduction,
  max: extremum,
  min: extremum,
  argmax: ([x], { axis }, op) => {
    numeric(op, x);
    oneAxis(op, x, axis);
    if (x.shape[axis] === 0) wrong(op, [x], 'reduces an empty axis');
    return { shape: reducedShape(x.shape, [axis], false), dtype: 'int32' };
  },

  reshape: ([x], { shape }, op) => {
    if (shape.reduce((a, b) => a * b, 1) !== x.shape.reduce((a, b) => a * b, 1)) {
      wrong(op, [x], `cannot become ${formatShape(shape)}`);
    }
    return { shape, dtype: x.dtype };
  },
  transpose: ([x], { permutation }, op) => {
    const sorted = [...permutation].sort((a, b) => a - b);
    if (!sameShape(sorted, [...x.shape.keys()])) {
      wrong(op, [x], `${formatShape(permutation)} is no permutation of its axes`);
    }
    return { shape: permutation.map((axis) => x.shape[axis]), dtype: x.dtype };
  },
  broadcastTo: ([x], { shape }, op) => {
    const merged = broadcastShapes(x.shape, shape);
    if (!merged || !sameShape(merged, shape)) wrong(op, [x], `does not broadcast to ${formatShape(shape)}`);
    return { shape, dtype: x.dtype };
  },
  slice: ([x], { starts, limits, strides }, op) => {
    const rank = x.shape.length;
    const legal =
      starts.length === rank &&
      limits.length === rank &&
      strides.length === rank &&
      x.shape.every((n, i) => starts[i] >= 0 && starts[i] <= limits[i] && limits[i] <= n && strides[i] >= 1);
    if (!legal) {
      wrong(op, [x], `${formatShape(starts)} to ${formatShape(limits)} by ${formatShape(strides)} leaves its bounds`);
    }
    return { shape: starts.map((start, i) => Math.ceil((limits[i] - start) / strides[i])), dtype: x.dtype };
  },
  pad: ([x], { low, high, interior }, op) => {
    const rank = x.shape.length;
    if ([low, high, interior].some((p) => p.length !== rank || p.some((n) => n < 0 || !Number.isInteger(n)))) {
      wrong(op, [x], 'padding must be a whole number from 0 for every axis');
    }
    const shape = x.shape.map((n, i) => low[i] + n + Math.max(0, n - 1) * interior[i] + high[i]);
    return { shape, dtype: x.dtype };
  },
  concat: (inputs, { axis }, op) => {
    if (inputs.length === 0) throw new TensorError(op, 'takes at least one tensor');
    oneDType(op, inputs);
    oneAxis(op, inputs[0], axis);
    const fits = inputs.every(
      ({ shape }) =>
        shape.length === inputs[0].shape.length && shape.every((n, i) => i === axis || n === inputs[0].shape[i]),
    );
    if (!fits) wrong(op, inputs, `shapes differ off axis ${axis}`);
    const total = inputs.reduce((sum, { shape }) => sum + shape[axis], 0);
    return { shape: inputs[0].shape.map((n, i) => (i === axis ? total : n)), dtype: inputs[0].dtype };
  },
  flip: ([x], { axes }, op) => {
    for (const axis of axes) oneAxis(op, x, axis);
    return x;
  },
  gather: ([x, index], { axis }, op) => {
    indices(op, index);
    oneAxis(op, x, axis);
    return { shape: [...x.shape.slice(0, axis), ...index.shape, ...x.shape.slice(axis + 1)], dtype: x.dtype };
  },
  scatterAdd: (inputs, { axis, size }, op) => {
    const [index, updates] = inputs;
    indices(op, index);
    numeric(op, updates);
    const end = axis + index.shape.length;
    if (axis < 0 || size < 0 || !sameShape(updates.shape.slice(axis, end), index.shape)) {
      wrong(op, inputs, `updates must hold the index shape from axis ${axis} on`);
    }
    return { shape: [...updates.shape.slice(0, axis), size, ...updates.shape.slice(end)], dtype: updates.dtype };
  },
  segmentBroadcast: ([x], { sizes }, op) => {
    minRank(op, x, 1);
    if (x.shape.at(-1) !== sizes.length) wrong(op, [x], `needs ${sizes.length} values, one a segment`);
    return { shape: [...x.shape.slice(0, -1), sizes.reduce((a, b) => a + b, 0)], dtype: x.dtype };
  },
  segmentSum: ([x], { sizes }, op) => {
    minRank(op, x, 1);
    numeric(op, x);
    const total = sizes.reduce((a, b) => a + b, 0);
    if (x.shape.at(-1) !== total) wrong(op, [x], `segments cover ${total} elements`);
    return { shape: [...x.shape.slice(0, -1), sizes.length], dtype: x.dtype };
  },

  matmul: (inputs, { transposeA, transposeB }, op) => {
    const [a, b] = inputs;
    oneDType(op, inputs);
    for (const input of inputs) {
      float(op, input);
      minRank(op, input, 2);
    }
    const [m, k] = transposeA ? [a.shape.at(-1), a.shape.at(-2)] : [a.shape.at(-2), a.shape.at(-1)];
    const [k2, n] = transposeB ? [b.shape.at(-1), b.shape.at(-2)] : [b.shape.at(-2), b.shape.at(-1)];
    const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
    if (k !== k2 || !batch) {
      const flags = `${transposeA ? ' (first transposed)' : ''}${transposeB ? ' (second transposed)' : ''}`;
      wrong(op, inputs, `inner or batch sizes differ${flags}`);
    }
    return { shape: [...(batch as number[]), m as number, n as number], dtype: a.dtype };
  },
  eigh: ([x], _, op) => {
    float(op, x);
    minRank(op, x, 2);
    const n = x.shape.at(-1) as number;
    if (x.shape.at(-2) !== n) wrong(op, [x], 'takes square symmetric matrices');
    return { shape: [...x.shape.slice(0, -2), n + 1, n], dtype: x.dtype };
  },
  qr: ([x], _, op) => {
    float(op, x);
    minRank(op, x, 2);
    const [m, n] = x.shape.slice(-2);
    if (m < n) wrong(op, [x], 'takes matrices with as many rows as columns at least');
    return x;
  },

  conv2d: (inputs, geometry, op) => {
    oneDType(op, inputs);
    float(op, inputs[0]);
    return { shape: convShape(op, inputs[0], inputs[1], geometry), dtype: inputs[0].dtype };
  },
  conv2dInputGrad: (inputs, attrs, op) => {
    const [dy, kernel] = inputs;
    oneDType(op, inputs);
    exactRank(op, kernel, 4);
    const shape = [dy.shape[0], kernel.shape[1] * attrs.groups, ...attrs.inputSize];
    if (!sameShape(convShape(op, { shape, dtype: dy.dtype }, kernel, attrs), dy.shape)) {
      wrong(op, inputs, `is no output of an image of size ${formatShape(attrs.inputSize)}`);
    }
    return { shape, dtype: dy.dtype };
  },
  conv2dKernelGrad: (inputs, attrs, op) => {
    const [x, dy] = inputs;
    oneDType(op, inputs);
    exactRank(op, x, 4);
    exactRank(op, dy, 4);
    const shape = [dy.shape[1], x.shape[1] / attrs.groups, ...attrs.kernelSize];
    if (!sameShape(convShape(op, x, { shape, dtype: x.dtype }, attrs), dy.shape)) {
      wrong(op, inputs, `is no output of a kernel of size ${formatShape(attrs.kernelSize)}`);
    }
    return { shape, dtype: x.dtype };
  },
  maxPool: ([x], geometry, op) => ({ shape: poolShape(op, x, geometry), dtype: x.dtype }),
  maxPoolGather: (inputs, geometry, op) => {
    oneDType(op, inputs);
    if (!sameShape(inputs[0].shape, inputs[1].shape)) wrong(op, inputs, 'shapes differ');
    return { shape: poolShape(op, inputs[0], geometry), dtype: inputs[0].dtype };
  },
  maxPoolScatter: (inputs, geometry, op) => {
    oneDType(op, inputs);
    if (!sameShape(poolShape(op, inputs[0], geometry), inputs[1].shape)) wrong(op, inputs, 'is no output of this pool');
    return inputs[0];
  },

  softmax: ([x], attrs, op) => {
    minRank(op, x, 1);
    return unary([x], attrs, op);
  },
  logSoftmax: ([x], attrs, op) => {
    minRank(op, x, 1);
    return unary([x], attrs, op);
  },
  crossEntropy: (inputs, _, op) => {
    const [logits, labels] = inputs;
    float(op, logits);
    indices(op, labels);
    if (!sameShape(logits.shape.slice(0, -1), labels.shape) || logits.shape.length === 0) {
      wrong(op, inputs, 'takes logits [..., classes] and one label for each row');
    }
    return { shape: labels.shape, dtype: logits.dtype };
  },
  layerNorm: (inputs, _, op) => {
    const [x, gain, bias] = inputs;
    float(op, x);
    oneDType(op, inputs);
    minRank(op, x, 1);
    if (!sameShape(gain.shape, x.shape.slice(-1)) || !sameShape(bias.shape, gain.shape)) {
      wrong(op, inputs, 'gain and bias must match the last axis');
    }
    return x;
  },
  inverseStd: ([x], _, op) => {
    float(op, x);
    minRank(op, x, 1);
    return { shape: [...x.shape.slice(0, -1), 1], dtype: x.dtype };
  },
  lstm: (inputs, _, op) => {
    const { leading, sizes } = recurrence(op, inputs);
    return { shape: [...leading, ...sizes], dtype: inputs[0].dtype };
  },
  lstmTrace: (inputs, _, op) => {
    const { leading, sizes } = recurrence(op, inputs);
    return { shape: [...leading, traceWidth, ...sizes], dtype: inputs[0].dtype };
  },
  lstmBackward: (inputs, _, op) => {
    const [trace, weight, dy] = inputs;
    oneDType(op, inputs);
    minRank(op, dy, 3);
    const gates = { shape: [...dy.shape.slice(0, -1), 4 * (dy.shape.at(-1) ?? 0)], dtype: dy.dtype };
    const { leading, sizes } = recurrence(op, [gates, weight]);
    if (!sameShape(trace.shape, [...leading, traceWidth, ...sizes])) {
      wrong(op, inputs, `takes a trace [..., ${traceWidth}, T, N, hidden] and a cotangent [..., T, N, hidden]`);
    }
    return gates;
  },
  causalAttention: ([qkv], { heads }, op) => ({ shape: mixedShape(op, qkv, heads), dtype: qkv.dtype }),
  causalAttentionBackward: (inputs, { heads }, op) => {
    const [qkv, dy] = inputs;
    oneDType(op, inputs);
    const mixed = mixedShape(op, qkv, heads);
    if (!sameShape(dy.shape, mixed)) wrong(op, inputs, `takes a cotangent ${formatShape(mixed)}`);
    return qkv;
  },
  gelu: unary,
};
