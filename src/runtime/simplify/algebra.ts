import type { BinaryName, CompareName, OpName } from '../../tensor/attrs.ts';
import { type DType, isFloat } from '../../tensor/dtype.ts';
import { broadcastShapes, type Shape, sameShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { sumOfPieces } from './pieces.ts';
import { broadcastTo, fill, holds, type Make, type Rule, type Rules, uniform } from './rule.ts';

/** An operand without the broadcast, or the leading axes of size 1, that broadcasting would give it anyway. */
function slimmer(x: Tensor, make: Make): Tensor | null {
  if (x.is('broadcastTo')) return x.inputs[0];
  if (x.is('constant') && x.size === 1 && x.rank > 0) return make('constant', [], { ...x.attrs, shape: [] });
  if (x.is('reshape')) {
    const [source] = x.inputs;
    const added = x.rank - source.rank;
    const leads = added > 0 && sameShape(x.shape.slice(added), source.shape);
    if (leads && x.shape.slice(0, added).every((n) => n === 1)) return source;
  }
  return null;
}

/** Drops what broadcasting does by itself; null when nothing can go. */
function slimOperands<K extends OpName>(node: Tensor<K>, make: Make): Tensor | null {
  const operands = [...node.inputs];
  let changed = false;
  for (const i of operands.keys()) {
    for (let slim = slimmer(operands[i], make); slim; slim = slimmer(operands[i], make)) {
      const shapes = operands.map(({ shape }, j) => (i === j ? (slim as Tensor).shape : shape));
      if (!sameShape(broadcastShapes(...shapes) as Shape, node.shape)) break;
      operands[i] = slim;
      changed = true;
    }
  }
  return changed ? make(node.op, operands, node.attrs) : null;
}

const fold: Record<BinaryName, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: (a, b) => a ** b,
  maximum: Math.max,
  minimum: Math.min,
};

/** x / c is x * (1 / c), exactly, when c is a power of two. */
function hasExactInverse(value: number): boolean {
  const log = Math.log2(Math.abs(value));
  return Number.isInteger(log) && Math.abs(log) <= 100 && 2 ** log === Math.abs(value);
}

type Identity = (
  node: Tensor,
  make: Make,
  a: Tensor,
  b: Tensor,
  aValue: number | null,
  bValue: number | null,
) => Tensor | null;

const same = (node: Tensor, make: Make, x: Tensor): Tensor => broadcastTo(make, x, node.shape);

/** What holds for particular operands. `same` answers one of them, broadcast as the op would have. */
const identities: Record<BinaryName, Identity> = {
  add: (node, make, a, b, aValue, bValue) => {
    if (bValue === 0) return same(node, make, a);
    if (aValue === 0) return same(node, make, b);
    if (b.is('neg')) return make('sub', [a, b.inputs[0]], {});
    return a.is('neg') ? make('sub', [b, a.inputs[0]], {}) : sumOfPieces(node, a, b, make);
  },
  sub: (node, make, a, b, _, bValue) => {
    if (bValue === 0) return same(node, make, a);
    return b.is('neg') ? make('add', [a, b.inputs[0]], {}) : null;
  },
  mul: (node, make, a, b, aValue, bValue) => {
    if (bValue === 1) return same(node, make, a);
    if (aValue === 1) return same(node, make, b);
    if (bValue === -1) return make('neg', [same(node, make, a)], {});
    return aValue === -1 ? make('neg', [same(node, make, b)], {}) : null;
  },
  div: (node, make, a, b, _, bValue) => {
    if (bValue === 1) return same(node, make, a);
    if (bValue === null || !hasExactInverse(bValue)) return null;
    return make('mul', [a, fill(make, 1 / bValue, b.shape, b.dtype)], {});
  },
  pow: (node, make, a, _, __, bValue) => {
    if (bValue === 1) return same(node, make, a);
    return bValue === 2 ? same(node, make, make('mul', [a, a], {})) : null;
  },
  maximum: (node, make, a, b) => (a === b ? same(node, make, a) : null),
  minimum: (node, make, a, b) => (a === b ? same(node, make, a) : null),
};

const binary: Rule<BinaryName> = (node, make) => {
  const [a, b] = node.inputs;
  const [aValue, bValue] = [uniform(a), uniform(b)];
  if (aValue !== null && bValue !== null) {
    const value = fold[node.op](aValue, bValue);
    if (holds(node.dtype, value)) return fill(make, value, node.shape, node.dtype);
  }
  return identities[node.op](node, make, a, b, aValue, bValue) ?? slimOperands(node, make);
};

const compare: Rule<CompareName | 'and' | 'or'> = (node, make) => slimOperands(node, make);

/** Types that hold every number of another. */
const wider: Record<DType, readonly DType[]> = {
  bool: ['uint8', 'int32', 'float32', 'float64'],
  uint8: ['int32', 'float32', 'float64'],
  int32: ['float64'],
  float32: ['float64'],
  float64: [],
};

const cast: Rule<'cast'> = (node, make) => {
  const [x] = node.inputs;
  const { dtype } = node.attrs;
  if (x.dtype === dtype) return x;
  const value = uniform(x);
  if (value !== null) {
    const converted = dtype === 'bool' ? Number(value !== 0) : isFloat(dtype) ? value : Math.trunc(value);
    if (holds(dtype, converted)) return fill(make, converted, node.shape, dtype);
  }
  if (x.is('cast')) {
    const [source] = x.inputs;
    if (wider[source.dtype].includes(x.dtype)) return make('cast', [source], { dtype });
  }
  return null;
};

const where: Rule<'where'> = (node, make) => {
  const [condition, a, b] = node.inputs;
  const known = uniform(condition);
  if (known !== null) return broadcastTo(make, known !== 0 ? a : b, node.shape);
  return a === b ? broadcastTo(make, a, node.shape) : slimOperands(node, make);
};

export const algebra: Rules = {
  identity: ({ inputs: [x] }) => x,
  stopGradient: ({ inputs: [x] }) => x,
  cast,
  where,

  neg: (node, make) => {
    const [x] = node.inputs;
    const value = uniform(x);
    if (value !== null && holds(node.dtype, -value)) return fill(make, -value, node.shape, node.dtype);
    return x.is('neg') ? x.inputs[0] : null;
  },
  not: ({ inputs: [x] }, make) => {
    if (x.is('not')) return x.inputs[0];
    if (x.is('eq')) return make('ne', x.inputs, {});
    return x.is('ne') ? make('eq', x.inputs, {}) : null;
  },

  add: binary,
  sub: binary,
  mul: binary,
  div: binary,
  pow: binary,
  maximum: binary,
  minimum: binary,

  eq: compare,
  ne: compare,
  lt: compare,
  le: compare,
  gt: compare,
  ge: compare,
  and: compare,
  or: compare,
};
