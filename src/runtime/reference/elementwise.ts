import type { BinaryName, CompareName, LogicAttrs, UnaryName } from '../../tensor/attrs.ts';
import { broadcast, generate, type Rule, type Rules } from './array.ts';
import { erf } from './special.ts';

type ElementwiseName = UnaryName | BinaryName | CompareName | keyof LogicAttrs | 'where' | 'cast';

/** Floats in float64; a result stored as an integer wraps as two's complement does. */
const unary =
  (f: (x: number) => number): Rule<UnaryName | 'not'> =>
  ([x], _, node) =>
    generate(node, (i) => f(x.data[i]));

const binary =
  (f: (a: number, b: number) => number): Rule<BinaryName | CompareName | 'and' | 'or'> =>
  ([left, right], _, node) => {
    const a = broadcast(left, node.shape).data;
    const b = broadcast(right, node.shape).data;
    return generate(node, (i) => f(a[i], b[i]));
  };

const compare = (f: (a: number, b: number) => boolean) => binary((a, b) => (f(a, b) ? 1 : 0));

/** 1 / (1 + exp(-x)), by the form that does not overflow. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const small = Math.exp(x);
  return small / (1 + small);
}

const roundHalfToEven = (x: number): number => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

/** IEEE 754 pow, where JavaScript answers NaN for 1 to the power of infinity or NaN. */
const power = (base: number, exponent: number): number => (base === 1 ? 1 : base ** exponent);

/** A product of int32s passes 2^53, so it needs the 32-bit multiply; floats and bytes do not. */
const multiply: Rule<'mul'> = (inputs, attrs, node) =>
  (node.dtype === 'int32' ? binary(Math.imul) : binary((a, b) => a * b))(inputs, attrs, node);

export const elementwise: Rules<ElementwiseName> = {
  neg: unary((x) => -x),
  abs: unary(Math.abs),
  sign: unary(Math.sign),
  exp: unary(Math.exp),
  expm1: unary(Math.expm1),
  log: unary(Math.log),
  log1p: unary(Math.log1p),
  sqrt: unary(Math.sqrt),
  sin: unary(Math.sin),
  cos: unary(Math.cos),
  tanh: unary(Math.tanh),
  sigmoid: unary(sigmoid),
  erf: unary(erf),
  relu: unary((x) => Math.max(x, 0)),
  floor: unary(Math.floor),
  ceil: unary(Math.ceil),
  round: unary(roundHalfToEven),

  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: multiply,
  div: binary((a, b) => a / b),
  pow: binary(power),
  maximum: binary(Math.max),
  minimum: binary(Math.min),

  eq: compare((a, b) => a === b),
  ne: compare((a, b) => a !== b),
  lt: compare((a, b) => a < b),
  le: compare((a, b) => a <= b),
  gt: compare((a, b) => a > b),
  ge: compare((a, b) => a >= b),
  and: binary((a, b) => a & b),
  or: binary((a, b) => a | b),
  not: unary((x) => 1 - x),

  // Integer storage truncates toward zero by itself.
  cast: ([x], { dtype }, node) => generate(node, (i) => (dtype === 'bool' ? Number(x.data[i] !== 0) : x.data[i])),
  where: (inputs, _, node) => {
    const [condition, a, b] = inputs.map((input) => broadcast(input, node.shape).data);
    return generate(node, (i) => (condition[i] ? a[i] : b[i]));
  },
};
