import type { BinaryName, CompareName, LogicAttrs, UnaryName } from '../tensor/attrs.ts';
import { where } from '../tensor/functions.ts';
import { apply } from '../tensor/tensor.ts';
import { distinct } from './draw.ts';
import type { CaseInput, OpCase } from './op-case.ts';

type Domain = readonly [number, number];

/** A unary op on several shapes: rank 0, one lane, SIMD tails, many elements. */
function unary(op: UnaryName, domain: Domain = [-2, 2]): OpCase[] {
  const shapes = [[], [1], [7], [3, 5], [2, 3, 4], [1037]];
  return shapes.map((shape) => ({
    name: `[${shape}]`,
    inputs: [{ shape, domain }],
    build: (x) => apply(op, [x], {}),
  }));
}

/** A unary op on given float32 numbers. */
const unaryAt = (op: UnaryName, name: string, values: readonly number[], rest: Partial<OpCase> = {}): OpCase => ({
  name,
  inputs: [{ shape: [values.length], values }],
  build: (x) => apply(op, [x], {}),
  ...rest,
});

/** A unary op away from its kinks. */
const unaryDistinct = (op: UnaryName, rest: Partial<OpCase> = {}): OpCase[] =>
  [[], [7], [3, 5], [1037]].map((shape) => ({
    name: `[${shape}]`,
    inputs: [{ shape, values: distinct(shape.reduce((a, b) => a * b, 1)) }],
    build: (x) => apply(op, [x], {}),
    ...rest,
  }));

const unaryInt = (op: UnaryName): OpCase => ({
  name: 'int32',
  inputs: [{ shape: [11], dtype: 'int32', domain: [-9, 9] }],
  build: (x) => apply(op, [x], {}),
  differentiable: false,
});

const unaryDouble = (op: UnaryName, domain: Domain = [-2, 2]): OpCase[] =>
  [[], [9]].map((shape) => ({
    name: `float64 [${shape}]`,
    inputs: [{ shape, dtype: 'float64', domain }],
    build: (x) => apply(op, [x], {}),
  }));

const rounding = (op: UnaryName): OpCase[] => [
  ...unary(op, [-20, 20]).map((one) => ({ ...one, differentiable: false })),
  unaryAt(op, 'halves and whole numbers', [-2.5, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2.5, 3.5, 1e9], {
    differentiable: false,
  }),
];

const tiny = [1e-7, -1e-7, 3e-6, -2e-5, 1e-4, -1e-4];

export const unaryCases: { readonly [K in UnaryName]: readonly OpCase[] } = {
  neg: [...unary('neg'), unaryInt('neg'), ...unaryDouble('neg')],
  abs: [...unaryDistinct('abs'), unaryInt('abs'), unaryAt('abs', 'at 0', [-1, 0, 1], { differentiable: false })],
  sign: [
    ...unaryDistinct('sign', { differentiable: false }),
    unaryInt('sign'),
    unaryAt('sign', 'at 0', [-3, -0, 0, 1e-30, -1e-30, 2], { differentiable: false }),
  ],
  exp: [
    ...unary('exp'),
    ...unaryDouble('exp'),
    unaryAt('exp', 'large arguments', [80, 79.5, 70, -80]),
    unaryAt('exp', 'vanishing', [-100, -88, -200, -1000, Number.NEGATIVE_INFINITY, 0], { differentiable: false }),
  ],
  expm1: [
    ...unary('expm1'),
    unaryAt('expm1', 'near 0', tiny),
    unaryAt('expm1', 'large arguments', [20, 30.5, -30, -90]),
  ],
  log: [...unary('log', [0.1, 4]), ...unaryDouble('log', [0.1, 4]), unaryAt('log', 'extremes', [1e-30, 1e30, 1, 1e-8])],
  log1p: [
    ...unary('log1p', [-0.5, 3]),
    unaryAt('log1p', 'near 0', tiny),
    unaryAt('log1p', 'large arguments', [1e8, 1e20, 1000]),
  ],
  sqrt: [
    ...unary('sqrt', [0.1, 4]),
    ...unaryDouble('sqrt', [0.1, 4]),
    unaryAt('sqrt', 'at 0', [0, 1, 4], { differentiable: false }),
  ],
  sin: [...unary('sin'), unaryAt('sin', 'several periods', [-10, -7.5, -3.2, 0, 3.1, 6.4, 20])],
  cos: [...unary('cos'), unaryAt('cos', 'several periods', [-10, -7.5, -3.2, 0, 3.1, 6.4, 20])],
  tanh: [...unary('tanh'), unaryAt('tanh', 'near 0', tiny), unaryAt('tanh', 'saturated', [-50, -9.5, 0, 9.5, 50, 100])],
  sigmoid: [...unary('sigmoid', [-6, 6]), unaryAt('sigmoid', 'saturated', [-80, -20, 0, 20, 80, 100])],
  erf: [...unary('erf', [-4, 4]), unaryAt('erf', 'near 0', tiny), unaryAt('erf', 'saturated', [-10, -5, 0, 5, 10])],
  relu: [...unaryDistinct('relu'), unaryAt('relu', 'at 0', [-1, -0, 0, 1], { differentiable: false })],
  floor: rounding('floor'),
  ceil: rounding('ceil'),
  round: rounding('round'),
};

/** Every way in which two shapes broadcast. */
const pairs: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []],
  [[7], []],
  [[], [3, 5]],
  [[3, 5], [3, 5]],
  [[3, 5], [5]],
  [[3, 5], [3, 1]],
  [[4, 1], [1, 6]],
  [[2, 1, 5], [3, 1]],
  [[2, 3, 4], [1]],
  [[1, 1], [7]],
  [[1037], [1037]],
  [[37, 29], [29]],
  [[37, 29], [37, 1]],
]; // biome-ignore format: one pair a line

function binary(op: BinaryName, left: Domain = [-2, 2], right: Domain = left): OpCase[] {
  return pairs.map(([a, b]) => ({
    name: `[${a}] and [${b}]`,
    inputs: [
      { shape: a, domain: left },
      { shape: b, domain: right },
    ],
    build: (x, y) => apply(op, [x, y], {}),
  }));
}

const binaryOf = (op: BinaryName, name: string, a: CaseInput, b: CaseInput, rest: Partial<OpCase> = {}): OpCase => ({
  name,
  inputs: [a, b],
  build: (x, y) => apply(op, [x, y], {}),
  ...rest,
});

const binaryInt = (op: BinaryName): OpCase[] => {
  const whole = (shape: readonly number[]): CaseInput => ({ shape, dtype: 'int32', domain: [-9, 9] });
  return [
    binaryOf(op, 'int32', whole([11]), whole([11]), { differentiable: false }),
    binaryOf(op, 'int32 broadcast', whole([3, 1]), whole([5]), { differentiable: false }),
  ];
};

const binaryDouble = (op: BinaryName, domain: Domain = [0.5, 2]): OpCase[] => [
  binaryOf(op, 'float64 scalars', { shape: [], dtype: 'float64', domain }, { shape: [], dtype: 'float64', domain }),
  binaryOf(op, 'float64', { shape: [9], dtype: 'float64', domain }, { shape: [], dtype: 'float64', domain }),
];

const sameTensor = (op: BinaryName): OpCase => ({
  name: 'one tensor twice',
  inputs: [{ shape: [13], domain: [0.5, 2] }],
  build: (x) => apply(op, [x, x], {}),
});

const wrapping = (op: BinaryName): OpCase =>
  binaryOf(
    op,
    'int32 wraps',
    { shape: [4], dtype: 'int32', values: [2147483647, -2147483648, 65537, 123456789] },
    { shape: [4], dtype: 'int32', values: [3, -5, 65539, 2000000011] },
    { differentiable: false },
  );

/** Larger and smaller of two tensors that never tie. */
const extremum = (op: 'maximum' | 'minimum'): OpCase[] => [
  ...pairs.map(([a, b]) => {
    const [sizeA, sizeB] = [a, b].map((shape) => shape.reduce((x, y) => x * y, 1));
    const gap = Math.max(0.02, 4 / Math.max(sizeA, sizeB));
    const values = distinct(sizeA, gap).map((x) => Math.fround(x));
    const others = distinct(sizeB, gap).map((x) => Math.fround(-x * (sizeB > 1 ? 0.5 : 0.2) + gap / 8));
    return binaryOf(op, `[${a}] and [${b}]`, { shape: a, values }, { shape: b, values: others });
  }),
  ...binaryInt(op),
  binaryOf(
    op,
    'float64',
    { shape: [3], dtype: 'float64', values: [1, 5, -2] },
    { shape: [], dtype: 'float64', values: [2] },
  ),
  binaryOf(
    op,
    'ties',
    { shape: [5], values: [0, 1, 2, 3, 4] },
    { shape: [5], values: [4, 3, 2, 1, 0] },
    { differentiable: false },
  ),
];

export const binaryCases: { readonly [K in BinaryName]: readonly OpCase[] } = {
  add: [...binary('add'), ...binaryInt('add'), wrapping('add'), ...binaryDouble('add'), sameTensor('add')],
  sub: [...binary('sub'), ...binaryInt('sub'), wrapping('sub'), ...binaryDouble('sub'), sameTensor('sub')],
  mul: [...binary('mul'), ...binaryInt('mul'), wrapping('mul'), ...binaryDouble('mul'), sameTensor('mul')],
  div: [...binary('div', [-2, 2], [0.5, 2]), ...binaryDouble('div'), sameTensor('div')],
  pow: [
    ...binary('pow', [0.3, 3], [-2, 2]),
    ...binaryDouble('pow'),
    sameTensor('pow'),
    ...[2, 3, -1].map(
      (exponent): OpCase => ({
        name: `negative base to the whole power ${exponent}`,
        inputs: [{ shape: [6], values: [-2, -1.5, -0.25, 0.5, 1, 3] }],
        build: (x) => x.pow(exponent),
      }),
    ),
    {
      name: 'one half',
      inputs: [{ shape: [9], domain: [0.2, 4] }],
      build: (x) => x.pow(0.5),
    },
    {
      name: 'a scalar base to a tensor, as in beta ** t',
      inputs: [
        { shape: [], values: [0.999] },
        { shape: [4], values: [1, 2, 100, 1000] },
      ],
      build: (base, exponent) => base.pow(exponent),
      tolerance: 1e-4,
    },
  ],
  maximum: extremum('maximum'),
  minimum: extremum('minimum'),
};

const compare = (op: CompareName): OpCase[] => {
  const build: OpCase['build'] = (x, y) => apply(op, [x, y], {});
  const whole = (shape: readonly number[]): CaseInput => ({ shape, domain: [-1, 1], dtype: 'int32' });
  const few: CaseInput = { shape: [6], values: [0, 1, 2, -1, -2, 0.5] };
  return [
    ...pairs.map(([a, b]) => ({ name: `[${a}] and [${b}]`, inputs: [{ shape: a }, { shape: b }], build })),
    { name: 'ties', inputs: [few, { shape: [6], values: [0, 1, -2, -1, 2, 0.25] }], build },
    { name: 'int32', inputs: [whole([19]), whole([19])], build },
    { name: 'int32 broadcast', inputs: [whole([4, 1]), whole([3])], build },
    {
      name: 'float64',
      inputs: [
        { ...few, dtype: 'float64' as const },
        { shape: [], values: [0.5], dtype: 'float64' as const },
      ],
      build,
    },
  ].map((one) => ({ ...one, differentiable: false }));
};

const equality = (op: 'eq' | 'ne'): OpCase[] => [
  ...compare(op),
  {
    name: 'bool',
    inputs: [
      { shape: [13], dtype: 'bool' },
      { shape: [13], dtype: 'bool' },
    ],
    build: (x, y) => apply(op, [x, y], {}),
    differentiable: false,
  },
];

export const compareCases: { readonly [K in CompareName]: readonly OpCase[] } = {
  eq: equality('eq'),
  ne: equality('ne'),
  lt: compare('lt'),
  le: compare('le'),
  gt: compare('gt'),
  ge: compare('ge'),
};

const logic = (op: 'and' | 'or'): OpCase[] =>
  pairs.map(([a, b]) => ({
    name: `[${a}] and [${b}]`,
    inputs: [
      { shape: a, dtype: 'bool' },
      { shape: b, dtype: 'bool' },
    ],
    build: (x, y) => apply(op, [x, y], {}),
    differentiable: false,
  }));

export const logicCases: { readonly [K in keyof LogicAttrs]: readonly OpCase[] } = {
  and: logic('and'),
  or: logic('or'),
  not: [[], [7], [3, 5], [1037]].map((shape) => ({
    name: `[${shape}]`,
    inputs: [{ shape, dtype: 'bool' }],
    build: (x) => x.not(),
    differentiable: false,
  })),
};

const casts: readonly (readonly [from: CaseInput, to: NonNullable<CaseInput['dtype']>])[] = [
  [{ shape: [8], values: [-2.7, -1, -0.4, 0, 0.4, 0.9, 1.5, 300.2] }, 'int32'],
  [{ shape: [4], values: [0, 1.9, 254.6, 255] }, 'uint8'],
  [{ shape: [5], values: [-1, -0, 0, 0.25, 3] }, 'bool'],
  [{ shape: [1037] }, 'int32'],
  [{ shape: [], dtype: 'int32' }, 'float32'],
  [{ shape: [3, 5], dtype: 'int32', domain: [-100, 100] }, 'float32'],
  [{ shape: [3], dtype: 'int32', values: [0, -1, 7] }, 'bool'],
  [{ shape: [7], dtype: 'int32', domain: [-100, 100] }, 'float64'],
  [{ shape: [1037], dtype: 'uint8' }, 'float32'],
  [{ shape: [9], dtype: 'uint8' }, 'int32'],
  [{ shape: [3, 5], dtype: 'bool' }, 'float32'],
  [{ shape: [7], dtype: 'bool' }, 'int32'],
  [{ shape: [3], dtype: 'float64', values: [-2.7, 0.4, 9.9] }, 'int32'],
];

export const selectionCases: { readonly [K in 'cast' | 'where' | 'identity' | 'stopGradient']: readonly OpCase[] } = {
  cast: [
    ...casts.map(
      ([from, to]) =>
        ({
          name: `${from.dtype ?? 'float32'} [${from.shape}] to ${to}`,
          inputs: [from],
          build: (x) => x.cast(to),
          differentiable: false,
        }) satisfies OpCase,
    ),
    { name: 'float32 to float64', inputs: [{ shape: [3, 5] }], build: (x) => x.cast('float64') },
    { name: 'float64 to float32', inputs: [{ shape: [], dtype: 'float64' }], build: (x) => x.cast('float32') },
    {
      name: 'a float64 scalar meets float32',
      inputs: [{ shape: [1037] }, { shape: [], dtype: 'float64' }],
      build: (x, y) => x.mul(y),
    },
  ],
  where: [
    ...(
      [
        [[7], [7], [7]],
        [[3, 5], [5], [3, 1]],
        [[3, 1], [], [3, 5]],
        [[], [4], [4]],
        [[1037], [1037], []],
        [[2, 1, 1], [3, 1], [5]],
      ] as const
    ).map(
      ([condition, a, b]): OpCase => ({
        name: `[${condition}], [${a}], [${b}]`,
        inputs: [{ shape: condition, dtype: 'bool' }, { shape: a }, { shape: b }],
        build: (c, x, y) => where(c, x, y),
      }),
    ),
    {
      name: 'int32',
      inputs: [
        { shape: [9], dtype: 'bool' },
        { shape: [9], dtype: 'int32' },
        { shape: [], dtype: 'int32' },
      ],
      build: (c, x, y) => where(c, x, y),
      differentiable: false,
    },
    {
      name: 'bool',
      inputs: [
        { shape: [9], dtype: 'bool' },
        { shape: [9], dtype: 'bool' },
        { shape: [9], dtype: 'bool' },
      ],
      build: (c, x, y) => where(c, x, y),
      differentiable: false,
    },
    {
      name: 'float64',
      inputs: [
        { shape: [], dtype: 'bool' },
        { shape: [], dtype: 'float64' },
        { shape: [], dtype: 'float64' },
      ],
      build: (c, x, y) => where(c, x, y),
    },
    {
      name: 'the branch not taken may be infinite',
      inputs: [{ shape: [4], values: [-1, 0, 1, 4] }],
      build: (x) => where(x.gt(0), x.log(), 0),
      differentiable: false,
    },
  ],
  identity: [
    { name: '[]', inputs: [{ shape: [] }], build: (x) => apply('identity', [x], {}) },
    { name: '[3,5]', inputs: [{ shape: [3, 5] }], build: (x) => apply('identity', [x], {}) },
    {
      name: 'bool',
      inputs: [{ shape: [5], dtype: 'bool' }],
      build: (x) => apply('identity', [x], {}),
      differentiable: false,
    },
  ],
  stopGradient: [
    { name: '[3,5]', inputs: [{ shape: [3, 5] }], build: (x) => x.stopGradient(), differentiable: false },
    { name: 'as a factor', inputs: [{ shape: [7] }], build: (x) => x.stopGradient().mul(x), differentiable: false },
  ],
};
