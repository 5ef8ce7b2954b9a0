import type { BinaryName, CompareName, OpName, UnaryName } from '../../tensor/attrs.ts';
import { type DType, dtypes } from '../../tensor/dtype.ts';
import { crossEntropy, layerNorm, scatterAdd, where } from '../../tensor/functions.ts';
import { broadcastShapes, sizeOf } from '../../tensor/shape.ts';
import { apply, scalar, type Tensor } from '../../tensor/tensor.ts';
import { convolutions, eigenvalues, orthonormalColumns, pools } from './heavy-ops.ts';
import type { Maker, Pool } from './pool.ts';
import { random } from './random-leaf.ts';

const unary =
  (op: UnaryName): Maker =>
  (pool) =>
    apply(op, [pool.float()], {});

/** Also of integers. */
const unaryNumeric =
  (op: UnaryName): Maker =>
  (pool) =>
    apply(op, [pool.numeric()], {});

/** Of positive numbers, mostly. */
const unaryPositive =
  (op: UnaryName): Maker =>
  (pool) => {
    const x = pool.float();
    return apply(op, [pool.dice.chance(0.2) ? x : x.abs().add(pool.dice.pick([0.01, 0.5]))], {});
  };

/** x and a number or a partner, in any order. */
function two(pool: Pool, x: Tensor): [Tensor, Tensor] {
  const { dice } = pool;
  const numbers = x.dtype === 'uint8' ? [0, 1, 2] : [-1, 0, 1, 2];
  const y = dice.chance(0.1) ? scalar(dice.pick(numbers), x.dtype) : pool.partner(x.shape, x.dtype);
  return dice.chance(0.5) ? [x, y] : [y, x];
}

const binary =
  (op: BinaryName): Maker =>
  (pool) =>
    apply(op, two(pool, pool.numeric()), {});

const compare =
  (op: CompareName): Maker =>
  (pool) =>
    apply(op, two(pool, pool.numeric()), {});

const bool = (pool: Pool): Tensor => pool.find(({ dtype }) => dtype === 'bool') ?? pool.numeric().gt(0);

const logic =
  (op: 'and' | 'or'): Maker =>
  (pool) => {
    const x = bool(pool);
    return apply(op, [x, pool.partner(x.shape, 'bool')], {});
  };

const reduce =
  (op: 'sum' | 'max' | 'min'): Maker =>
  (pool) => {
    const x = pool.numeric();
    const axes = pool.dice.shuffled(pool.dice.some([...x.shape.keys()]));
    if (op !== 'sum' && axes.some((axis) => x.shape[axis] === 0)) return null;
    return apply(op, [x], { axes, keepDims: pool.dice.chance(0.5) });
  };

const castTo = (x: Tensor, dtype: DType): Tensor => {
  const integer = dtype === 'int32' || dtype === 'uint8';
  const fits = !integer || x.dtype === 'bool' ? x : x.maximum(dtype === 'uint8' ? 0 : -100).minimum(100);
  return apply('cast', [x.dtype === 'uint8' ? x : fits], { dtype });
};

/** The same elements in other axes: one split, two merged, one of size 1 put in, or all in a row. */
const reshape: Maker = (pool) => {
  const x = pool.any();
  const { dice } = pool;
  const at = dice.int(0, Math.max(0, x.rank - 1));
  const [before, after] = [x.shape.slice(0, at), x.shape.slice(at + 1)];
  const n = x.shape[at] ?? 1;
  switch (dice.int(0, 3)) {
    case 0:
      return apply('reshape', [x], { shape: [x.size] });
    case 1:
      return apply('reshape', [x], { shape: [...x.shape.slice(0, at), 1, ...x.shape.slice(at)] });
    case 2: {
      const parts = [1, 2, 3, 4, 5, 8].filter((part) => n % part === 0);
      const part = dice.pick(parts);
      return apply('reshape', [x], { shape: [...before, part, n / part, ...after] });
    }
    default:
      if (x.rank < 2) return null;
      return apply('reshape', [x], {
        shape: at === 0 ? [n * after[0], ...after.slice(1)] : [...before.slice(0, -1), before[at - 1] * n, ...after],
      });
  }
};

const slice: Maker = (pool) => {
  const x = pool.any();
  const { dice } = pool;
  const starts = x.shape.map((n) => (dice.chance(0.5) ? 0 : dice.int(0, Math.max(0, n - 1))));
  const limits = x.shape.map((n, i) => (dice.chance(0.5) ? n : dice.int(starts[i], n)));
  const strides = x.shape.map(() => (dice.chance(0.7) ? 1 : dice.int(2, 3)));
  return apply('slice', [x], { starts, limits, strides });
};

const pad: Maker = (pool) => {
  const x = pool.numeric();
  const few = (): number[] => x.shape.map(() => (pool.dice.chance(0.6) ? 0 : pool.dice.int(1, 3)));
  const value = x.dtype.startsWith('float') ? pool.dice.pick([0, 0, 0.5, -1.1]) : pool.dice.pick([0, 3]);
  return apply('pad', [x], { low: few(), high: few(), interior: few(), value });
};

const broadcastTo: Maker = (pool) => {
  const x = pool.any();
  const { dice } = pool;
  const grown = x.shape.map((n) => (n === 1 && dice.chance(0.7) ? dice.pick(pool.profile.dims) : n));
  return apply('broadcastTo', [x], { shape: [...pool.shape(dice.int(0, 2)), ...grown] });
};

const join: Maker = (pool) => {
  const x = pool.any(1);
  const axis = pool.axis(x);
  const fits = (y: Tensor): boolean =>
    y.dtype === x.dtype && y.rank === x.rank && y.shape.every((n, i) => i === axis || n === x.shape[i]);
  const others = Array.from({ length: pool.dice.int(0, 3) }, () => pool.find(fits) as Tensor);
  return apply('concat', pool.dice.shuffled([x, ...others]), { axis });
};

const gather: Maker = (pool) => {
  const x = pool.any(1);
  const axis = pool.axis(x);
  return x.shape[axis] === 0 ? null : x.gather(pool.indices(x.shape[axis]), axis);
};

const scatter: Maker = (pool) => {
  const updates = pool.numeric();
  const axis = pool.dice.int(0, updates.rank);
  const end = pool.dice.int(axis, Math.min(axis + 2, updates.rank));
  const size = pool.dice.int(1, 9);
  return scatterAdd(pool.indices(size, updates.shape.slice(axis, end)), updates, { axis, size });
};

const segmentBroadcast: Maker = (pool) => {
  const x = pool.numeric(1);
  const sizes = Array.from({ length: x.shape[x.rank - 1] }, () => (pool.dice.chance(0.1) ? 0 : pool.dice.int(1, 9)));
  return apply('segmentBroadcast', [x], { sizes });
};

const segmentSum: Maker = (pool) => {
  const x = pool.numeric(1);
  const sizes: number[] = [];
  for (let left = x.shape[x.rank - 1]; left > 0; left -= sizes[sizes.length - 1]) {
    sizes.push(pool.dice.chance(0.1) ? 0 : pool.dice.int(1, left));
  }
  return apply('segmentSum', [x], { sizes });
};

const matmul: Maker = (pool) => {
  const { dice } = pool;
  const a = pool.float(2);
  const [transposeA, transposeB] = [dice.chance(0.4), dice.chance(0.4)];
  const k = a.shape[transposeA ? a.rank - 2 : a.rank - 1];
  const batches = (b: Tensor): boolean =>
    b.shape.slice(0, -2).every((n, i) => {
      const other = a.shape[i + a.rank - b.rank];
      return other === undefined || n === 1 || other === 1 || n === other;
    });
  const fits = (b: Tensor): boolean =>
    b.dtype === a.dtype && b.rank >= 2 && b.shape[transposeB ? b.rank - 1 : b.rank - 2] === k && batches(b);
  const wanted = pool.shape(1)[0];
  const n = k * wanted <= pool.profile.maxSize ? wanted : 1;
  const found = dice.chance(0.7) && pool.find(fits);
  const b = found || pool.leaf(transposeB ? [n, k] : [k, n], a.dtype);
  return apply('matmul', [a, b], { transposeA, transposeB });
};

const rows =
  (make: (x: Tensor, pool: Pool) => Tensor): Maker =>
  (pool) => {
    const x = pool.float(1);
    return make(x, pool);
  };

/** What the inputs add to the gates of a small LSTM, and its weights. */
function recurrent(pool: Pool): Tensor[] {
  const [n, hidden, steps] = [pool.dice.int(1, 3), pool.dice.int(1, 3), pool.dice.int(1, 4)];
  const dtype = pool.dice.pick(['float32', 'float64'] as const);
  return [pool.like([steps, n, 4 * hidden], dtype), pool.like([4 * hidden, hidden], dtype)];
}

const recurrence =
  (op: 'lstm' | 'lstmTrace'): Maker =>
  (pool) =>
    apply(op, recurrent(pool), {});

/** Queries, keys and values of a few steps, side by side, and how many heads they have. */
function attentive(pool: Pool): { readonly qkv: Tensor; readonly heads: number } {
  const [n, steps, heads, size] = [1, 1, 1, 1].map((least, i) => pool.dice.int(least, [2, 9, 3, 5][i]));
  const dtype = pool.dice.pick(['float32', 'float64'] as const);
  return { qkv: pool.like([n, steps, 3 * heads * size], dtype), heads };
}

/** How the fuzzer uses each op. A total record, so the compiler names the op that the fuzzer lacks. */
export const makers: { readonly [K in OpName]: Maker } = {
  parameter: (pool) => pool.leaf(pool.shape(), pool.dice.chance(0.6) ? 'float32' : pool.dice.pick(dtypes)),
  constant: (pool) => {
    const dtype = pool.dice.chance(0.7) ? pool.floatType() : pool.dice.pick(dtypes);
    const shape = pool.dice.chance(0.5) ? [] : pool.shape();
    const draw = dtype.startsWith('float')
      ? () => pool.dice.pick([0.1, 1, -1, 2, 0.5, -0.3])
      : () => pool.dice.int(0, 1);
    return apply('constant', [], { values: Array.from({ length: sizeOf(shape) }, draw), shape, dtype });
  },
  iota: (pool) => {
    const shape = pool.shape(pool.dice.int(1, pool.profile.maxRank));
    const dtype = pool.dice.pick(['float32', 'int32', 'float64'] as const);
    return shape.length === 0 ? null : apply('iota', [], { axis: pool.dice.int(0, shape.length - 1), shape, dtype });
  },
  random,

  neg: unaryNumeric('neg'),
  abs: unaryNumeric('abs'),
  sign: unaryNumeric('sign'),
  exp: unary('exp'),
  expm1: unary('expm1'),
  log: unaryPositive('log'),
  log1p: unaryPositive('log1p'),
  sqrt: unaryPositive('sqrt'),
  sin: unary('sin'),
  cos: unary('cos'),
  tanh: unary('tanh'),
  sigmoid: unary('sigmoid'),
  erf: unary('erf'),
  relu: unary('relu'),
  floor: unary('floor'),
  ceil: unary('ceil'),
  round: unary('round'),

  add: binary('add'),
  sub: binary('sub'),
  mul: binary('mul'),
  div: (pool) => {
    const x = pool.float();
    const y = pool.partner(x.shape, x.dtype);
    return x.div(pool.dice.chance(0.2) ? y : y.abs().add(0.5));
  },
  pow: (pool) => {
    const x = pool.float();
    if (pool.dice.chance(0.3)) return x.pow(pool.dice.pick([0, 1, 2, 3]));
    const base = x.abs().add(0.2);
    return base.pow(pool.dice.chance(0.4) ? pool.dice.pick([-1, 0.5, -0.5, 1.7]) : pool.partner(x.shape, x.dtype));
  },
  maximum: binary('maximum'),
  minimum: binary('minimum'),
  eq: compare('eq'),
  ne: compare('ne'),
  lt: compare('lt'),
  le: compare('le'),
  gt: compare('gt'),
  ge: compare('ge'),
  and: logic('and'),
  or: logic('or'),
  not: (pool) => bool(pool).not(),

  identity: (pool) => apply('identity', [pool.any()], {}),
  stopGradient: (pool) => pool.any().stopGradient(),
  cast: (pool) => castTo(pool.any(), pool.dice.pick(dtypes)),
  where: (pool) => {
    const a = pool.any();
    const b = pool.partner(a.shape, a.dtype);
    const shape = broadcastShapes(a.shape, b.shape) ?? [];
    return where(pool.partner(shape, 'bool'), a, b);
  },

  sum: reduce('sum'),
  max: reduce('max'),
  min: reduce('min'),
  argmax: (pool) => {
    const x = pool.numeric(1);
    const axis = pool.axis(x);
    return x.shape[axis] === 0 ? null : x.argmax(axis);
  },

  reshape,
  transpose: (pool) => {
    const x = pool.any();
    return apply('transpose', [x], { permutation: pool.dice.shuffled([...x.shape.keys()]) });
  },
  broadcastTo,
  slice,
  pad,
  concat: join,
  flip: (pool) => {
    const x = pool.any();
    return apply('flip', [x], { axes: pool.dice.some([...x.shape.keys()]) });
  },
  gather,
  scatterAdd: scatter,
  segmentBroadcast,
  segmentSum,

  matmul,
  eigh: eigenvalues,
  qr: orthonormalColumns,
  ...convolutions,
  ...pools,

  softmax: rows((x) => x.softmax()),
  logSoftmax: rows((x) => x.logSoftmax()),
  crossEntropy: (pool) => {
    const x = pool.float(1);
    const classes = x.shape[x.rank - 1];
    return classes === 0 ? null : crossEntropy(x, pool.indices(classes, x.shape.slice(0, -1)));
  },
  layerNorm: rows((x, pool) => {
    const [gain, bias] = [0, 1].map(() => pool.like(x.shape.slice(-1), x.dtype));
    return layerNorm(x, gain, bias, { epsilon: pool.dice.pick([1e-5, 0.1]) });
  }),
  lstm: recurrence('lstm'),
  lstmTrace: recurrence('lstmTrace'),
  lstmBackward: (pool) => {
    const inputs = recurrent(pool);
    const trace = apply('lstmTrace', inputs, {});
    const shape = apply('lstm', inputs, {}).shape;
    return apply('lstmBackward', [trace, inputs[1], pool.like(shape, inputs[0].dtype)], {});
  },
  causalAttention: (pool) => {
    const { qkv, heads } = attentive(pool);
    return apply('causalAttention', [qkv], { heads });
  },
  causalAttentionBackward: (pool) => {
    const { qkv, heads } = attentive(pool);
    const [n, steps, width] = qkv.shape;
    return apply('causalAttentionBackward', [qkv, pool.like([n, steps, width / 3], qkv.dtype)], { heads });
  },
  inverseStd: (pool) => {
    const x = pool.float(1);
    const empty = x.shape[x.rank - 1] === 0;
    return empty ? null : apply('inverseStd', [x], { epsilon: pool.dice.pick([1e-5, 0.1]) });
  },
  gelu: (pool) => pool.float().gelu(),
};

export const opNames = Object.keys(makers) as OpName[];
