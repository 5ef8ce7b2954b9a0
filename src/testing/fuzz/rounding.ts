import type { OpName } from '../../tensor/attrs.ts';

/**
 * How an engine may round the result of an op, in units of the last place u of its dtype:
 *
 *   exact        not at all: it copies, compares, selects or negates
 *   rounded      the nearest number or its neighbour: u |y|
 *   approximate  an approximation of a function: 8 u |y|
 *   bounded      an approximation of a function with zeros where its argument is rounded: 8 u |y| + u
 *   accumulated  a sum of n terms in any order: u times the same sum of magnitudes, times sqrt(n), for roundings add up as a random walk does
 *   iterated     eigenvalues that lie well apart: n u times the largest magnitude in the matrix; n u for their vectors
 *                and for an orthonormal basis
 *   expanded     as the ops that it is made of
 */
export type Rounding = 'exact' | 'rounded' | 'approximate' | 'bounded' | 'accumulated' | 'iterated' | 'expanded';

export const roundings: { readonly [K in OpName]: Rounding } = {
  parameter: 'exact',
  constant: 'rounded',
  iota: 'rounded',
  random: 'exact',

  neg: 'exact',
  abs: 'exact',
  sign: 'exact',
  exp: 'approximate',
  expm1: 'approximate',
  log: 'approximate',
  log1p: 'approximate',
  sqrt: 'rounded',
  sin: 'bounded',
  cos: 'bounded',
  tanh: 'approximate',
  sigmoid: 'approximate',
  erf: 'approximate',
  relu: 'exact',
  floor: 'exact',
  ceil: 'exact',
  round: 'exact',

  add: 'rounded',
  sub: 'rounded',
  mul: 'rounded',
  div: 'rounded',
  pow: 'approximate',
  maximum: 'exact',
  minimum: 'exact',
  eq: 'exact',
  ne: 'exact',
  lt: 'exact',
  le: 'exact',
  gt: 'exact',
  ge: 'exact',
  and: 'exact',
  or: 'exact',
  not: 'exact',

  identity: 'exact',
  stopGradient: 'exact',
  cast: 'rounded',
  where: 'exact',

  sum: 'accumulated',
  max: 'exact',
  min: 'exact',
  argmax: 'exact',

  reshape: 'exact',
  transpose: 'exact',
  broadcastTo: 'exact',
  slice: 'exact',
  pad: 'rounded', // its value may be no float32
  concat: 'exact',
  flip: 'exact',
  gather: 'exact',
  scatterAdd: 'accumulated',
  segmentBroadcast: 'exact',
  segmentSum: 'accumulated',

  matmul: 'accumulated',
  eigh: 'iterated',
  qr: 'iterated',

  conv2d: 'accumulated',
  conv2dInputGrad: 'accumulated',
  conv2dKernelGrad: 'accumulated',
  maxPool: 'exact',
  maxPoolGather: 'exact',
  maxPoolScatter: 'accumulated', // windows that overlap add up at one place

  softmax: 'expanded',
  logSoftmax: 'expanded',
  crossEntropy: 'expanded',
  layerNorm: 'expanded',
  lstm: 'expanded',
  lstmTrace: 'expanded',
  lstmBackward: 'expanded',
  causalAttention: 'expanded',
  causalAttentionBackward: 'expanded',
  inverseStd: 'expanded',
  gelu: 'expanded',
};

/** What ONNX Runtime has for float32 only, or with a float32 attribute: see `runtime/onnx/kernels.ts`. */
export const singleOnOnnx: ReadonlySet<OpName> = new Set<OpName>([
  ...(['erf', 'gelu', 'conv2d', 'conv2dInputGrad', 'conv2dKernelGrad', 'layerNorm', 'inverseStd'] as const),
]);
