import type { BinaryName, CompareName, LogicAttrs, UnaryName } from '../../tensor/attrs.ts';
import type { Emitter, Value } from './emitter.ts';
import type { Lowering, Lowerings, Wanted } from './lowering.ts';

const unary =
  (op: string) =>
  (emit: Emitter, [x]: readonly Value[]): Value =>
    emit.op(op, [x]);

const binary =
  (op: string) =>
  (emit: Emitter, operands: readonly Value[], _: unknown, { shape }: Wanted): Value =>
    emit.op(op, operands, { shape });

const compare =
  (op: string) =>
  (emit: Emitter, operands: readonly Value[], _: unknown, { shape }: Wanted): Value =>
    emit.op(op, operands, { shape, type: 'bool' });

/** exp(x) - 1 = tanh(x / 2) (exp(x) + 1), which keeps its digits near 0. */
const expm1: Lowering<'expm1'> = (emit, [x]) => {
  const half = emit.op('Tanh', [emit.op('Mul', [x, emit.scalar(0.5, x.type)])]);
  return emit.op('Mul', [half, emit.op('Add', [emit.op('Exp', [x]), emit.scalar(1, x.type)])]);
};

/**
 * With u the rounded 1 + x, log(u) + (x - (u - 1)) / u gives back the digits that the sum lost. Only near 0 are they wanted: at
 * x = -1 and at infinity the correction is no number.
 */
const log1p: Lowering<'log1p'> = (emit, [x]) => {
  const one = emit.scalar(1, x.type);
  const u = emit.op('Add', [x, one]);
  const log = emit.op('Log', [u]);
  const lost = emit.op('Sub', [x, emit.op('Sub', [u, one])]);
  const corrected = emit.op('Add', [log, emit.op('Div', [lost, u])]);
  const nearZero = emit.op('Less', [emit.op('Abs', [x]), emit.scalar(0.5, x.type)], { type: 'bool' });
  return emit.node('Where', [nearZero, corrected, log], x);
};

const where: Lowering<'where'> = (emit, [condition, a, b], _, { shape }) => {
  const [x, y] = a.type === 'bool' ? [emit.cast(a, 'uint8'), emit.cast(b, 'uint8')] : [a, b];
  return emit.cast(emit.node('Where', [condition, x, y], { shape, type: x.type }), a.type);
};

export const elementwise: Lowerings<UnaryName | BinaryName | CompareName | keyof LogicAttrs | 'cast' | 'where'> = {
  neg: unary('Neg'),
  abs: unary('Abs'),
  sign: unary('Sign'),
  exp: unary('Exp'),
  expm1,
  log: unary('Log'),
  log1p,
  sqrt: unary('Sqrt'),
  sin: unary('Sin'),
  cos: unary('Cos'),
  tanh: unary('Tanh'),
  sigmoid: unary('Sigmoid'),
  erf: unary('Erf'),
  relu: unary('Relu'),
  floor: unary('Floor'),
  ceil: unary('Ceil'),
  round: unary('Round'),

  add: binary('Add'),
  sub: binary('Sub'),
  mul: binary('Mul'),
  div: binary('Div'),
  pow: binary('Pow'),
  maximum: binary('Max'),
  minimum: binary('Min'),

  eq: compare('Equal'),
  ne: (emit, operands, _, { shape }) => emit.op('Not', [emit.op('Equal', operands, { shape, type: 'bool' })]),
  lt: compare('Less'),
  le: compare('LessOrEqual'),
  gt: compare('Greater'),
  ge: compare('GreaterOrEqual'),

  and: binary('And'),
  or: binary('Or'),
  not: unary('Not'),

  cast: (emit, [x], { dtype }) => emit.cast(x, dtype),
  where,
};
