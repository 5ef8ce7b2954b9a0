import { describe, expect, it } from 'vitest';
import { evaluate } from '../runtime/reference/index.ts';
import { testRandom } from '../testing/draw.ts';
import { Bundle, Layout } from './bundle.ts';
import { constant, crossEntropy, parameter, where, zeros } from './functions.ts';
import { topological } from './graph.ts';
import { randomNormal } from './random.ts';
import { scalar, type Tensor } from './tensor.ts';
import { cotangentsOf, grad, gradients, hvp, jvp, tangentsOf, valueAndGrad, vjp, vmap } from './transforms.ts';

type Numbers = readonly number[];

const numbers = (x: Tensor, feeds: readonly (readonly [Tensor, Numbers])[] = []): number[] => [
  ...evaluate([x], new Map(feeds))[0].data,
];
const value = (x: Tensor, feeds: readonly (readonly [Tensor, Numbers])[] = []): number => numbers(x, feeds)[0];
const double = (x: number): Tensor => scalar(x, 'float64');
const drawn = (count: number, seed: number): number[] => {
  const random = testRandom(seed);
  return Array.from({ length: count }, () => 2 * random() - 1);
};
const doubles = (shape: readonly number[], seed: number): Tensor =>
  constant(
    drawn(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ),
    { shape, dtype: 'float64' },
  );
function expectClose(actual: Numbers, expected: Numbers, tolerance = 1e-9): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach(
    (x, i) =>
      void expect(Math.abs(x - expected[i])).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(expected[i]))),
  );
}

/** A small net with a loss that is smooth in its parameters. */
interface Net {
  first: { weight: Tensor; bias: Tensor };
  second: Tensor;
}
const net = (): Net => ({ first: { weight: doubles([5, 4], 1), bias: doubles([5], 2) }, second: doubles([3, 5], 3) });
const inputs = doubles([6, 4], 4);
const labels = constant([0, 2, 1, 1, 0, 2], { dtype: 'int32' });
const hidden = (w: Net, x: Tensor): Tensor =>
  x.matmul(w.first.weight, { transposeB: true }).add(w.first.bias).tanh().matmul(w.second, { transposeB: true });
const loss = (w: Net, x = inputs, y = labels): Tensor => crossEntropy(hidden(w, x), y).mean();
const parts = (w: Net): Tensor[] => [w.first.weight, w.first.bias, w.second];
const map = (fn: (...leaves: Tensor[]) => Tensor, ...nets: Net[]): Net => ({
  first: { weight: fn(...nets.map((w) => w.first.weight)), bias: fn(...nets.map((w) => w.first.bias)) },
  second: fn(...nets.map((w) => w.second)),
});
const direction: Net = { first: { weight: doubles([5, 4], 5), bias: doubles([5], 6) }, second: doubles([3, 5], 7) };
const moved = (h: number): Net => map((a, b) => a.add(b.mul(h)), net(), direction);
const all = (w: Net): number[] => parts(w).flatMap((x) => numbers(x));

describe('grad', () => {
  it('answers a tree like its first argument, and takes the others as constants', () => {
    const g = grad(loss)(net());
    expect(parts(g).map(({ shape }) => shape)).toEqual(parts(net()).map(({ shape }) => shape));
    const h = 1e-5;
    const slope = (value(loss(moved(h))) - value(loss(moved(-h)))) / (2 * h);
    const inner = parts(g).reduce((sum, x, i) => sum + value(x.dot(parts(direction)[i])), 0);
    expectClose([inner], [slope], 1e-8);
  });

  it('of grad of grad is the third derivative', () => {
    const third = grad(grad(grad((x: Tensor) => x.pow(4).add(x.sin()))));
    expectClose([value(third(double(0.7)))], [24 * 0.7 - Math.cos(0.7)]);
  });

  it('gives zeros where the result does not depend on a leaf, and builds nothing for them', () => {
    const g = grad(({ a }: { a: Tensor; b: Tensor }) => a.square().sum())({ a: doubles([2], 1), b: doubles([3], 2) });
    expect(numbers(g.b)).toEqual([0, 0, 0]);
    expect(
      topological([g.b])
        .map(({ op }) => op)
        .sort(),
    ).toEqual(['broadcastTo', 'constant']);
  });

  it('stops at stopGradient and passes through casts between floats', () => {
    const f = (x: Tensor): Tensor => x.stopGradient().mul(x).cast('float32').mul(2).cast('float64');
    expect(value(grad(f)(double(3)))).toBe(6);
  });

  it('carries an auxiliary result', () => {
    const [v, g, aux] = valueAndGrad((x: Tensor) => [x.square(), { twice: x.mul(2) }] as const, { hasAux: true })(
      double(3),
    );
    expect([value(v), value(g), value(aux.twice)]).toEqual([9, 6, 6]);
  });

  it('names the function and the shape when the result is no float scalar', () => {
    const rowSums = (x: Tensor): Tensor => x.sum(1);
    expect(() => grad(rowSums)(doubles([2, 3], 1))).toThrow('rowSums must answer a float scalar, not sum: float64[2]');
    const best = (x: Tensor): Tensor => x.argmax();
    expect(() => grad(best)(doubles([2], 1))).toThrow('best must answer a float scalar, not argmax: int32[]');
    expect(() => grad((x: { n: Tensor }) => x.n.cast('float32'))({ n: scalar(1, 'int32') })).toThrow(
      "at 'n' has no derivatives",
    );
  });

  it('differentiates a bundle as one flat tensor', () => {
    const layout = new Layout([
      { name: 'a', shape: [2], role: 'other' },
      { name: 'b', shape: [1, 2], role: 'matrix' },
    ]);
    const w = Bundle.fromFlat(layout, constant([1, 2, 3, 4], { dtype: 'float64' }));
    const g = grad((at: Bundle) => at.leaf('a').mul(at.leaf('b')).sum())(w);
    expect(g).toBeInstanceOf(Bundle);
    expect(numbers(g.flat)).toEqual([3, 4, 1, 2]);
  });
});

describe('derivatives at kinks and ends', () => {
  const at = (fn: (x: Tensor) => Tensor, x: number): number => value(grad(fn)(double(x)));
  it('take the subgradient 0 of |x|, relu, and the norm of a zero vector', () => {
    expect(at((x) => x.abs(), 0)).toBe(0);
    expect(at((x) => x.relu(), 0)).toBe(0);
    expect(numbers(grad((x: Tensor) => x.norm())(zeros([3], 'float64')))).toEqual([0, 0, 0]);
    const normTwice = grad((x: Tensor) => grad((y: Tensor) => y.norm())(x).sum());
    expect(numbers(normTwice(zeros([3], 'float64'))).some(Number.isNaN)).toBe(false);
  });

  it('split between ties', () => {
    expect(at((x) => x.maximum(1), 1)).toBe(0.5);
    expect(numbers(grad((x: Tensor) => x.max())(constant([2, 1, 2, 2], { dtype: 'float64' })))).toEqual([
      1 / 3,
      0,
      1 / 3,
      1 / 3,
    ]);
  });

  it('of powers are numbers at base 0', () => {
    expect(at((x) => x.pow(2), 0)).toBe(0);
    expect(at((x) => x.pow(1), 0)).toBe(1);
    expect(at((x) => x.pow(0), 0)).toBe(0);
    expect(at((e) => double(0).pow(e), 2)).toBe(0);
    expect(at((x) => x.pow(double(1).sub(1)), 0)).toBe(0); // an exponent that is not known when traced
  });

  it('of powers keep an exponent that is a variable, though its number is known', () => {
    const [da, db] = hvp((a: Tensor, b: Tensor) => a.pow(b), [double(3), double(2)], [double(1), double(0)]);
    expectClose([value(da), value(db)], [2, 3 * (1 + 2 * Math.log(3))]); // d2/da2 = b (b-1) a^(b-2), d2/da db = a^(b-1) (1 + b log a)
  });

  it('do not build what nobody asked for: no logarithm for a constant exponent', () => {
    const x = parameter('x', [], 'float64');
    const [g] = gradients(x.pow(parameter('e', [], 'float64')), [x]);
    expect(topological([g]).some(({ op }) => op === 'log')).toBe(false);
  });
});

describe('vjp and jvp', () => {
  it('agree on <v, J u> = <J transposed v, u> for several results and arguments', () => {
    const fn = (w: Net, x: Tensor): { logits: Tensor; norm: Tensor } => ({ logits: hidden(w, x), norm: x.norm() });
    const dx = doubles([6, 4], 8);
    const v = { logits: doubles([6, 3], 9), norm: double(0.3) };
    const [, tangent] = jvp(fn, [net(), inputs], [direction, dx]);
    const [, pullback] = vjp(fn, net(), inputs);
    const [dw, back] = pullback(v);
    const pushed = value(tangent.logits.dot(v.logits).add(tangent.norm.mul(v.norm)));
    const pulled = [...parts(dw).map((g, i) => g.dot(parts(direction)[i])), back.dot(dx)].reduce(
      (s, x) => s + value(x),
      0,
    );
    expectClose([pushed], [pulled]);
  });

  it('of one matrix beside a batch of transposed ones sum over the batch', () => {
    const [a, b] = [doubles([2, 7, 5], 1), doubles([7, 3], 2)];
    const [da, db] = [doubles([2, 7, 5], 3), doubles([7, 3], 4)];
    for (const transposeB of [false, true]) {
      const fn = (x: Tensor, y: Tensor): Tensor =>
        x.matmul(transposeB ? y.transpose() : y, { transposeA: true, transposeB }).sin();
      const v = doubles([2, 5, 3], 5);
      const [ca, cb] = vjp(fn, a, b)[1](v);
      const pushed = jvp(fn, [a, b], [da, db])[1].dot(v);
      expectClose([value(ca.dot(da).add(cb.dot(db)))], [value(pushed)]);
    }
  });

  it('refuse tangents and cotangents of another form', () => {
    const x = doubles([2], 1);
    expect(() => jvp((a: Tensor) => a, [x], [doubles([3], 1)])).toThrow('does not fit float64[2]');
    expect(() => vjp((a: Tensor) => a, x)[1](doubles([3], 1))).toThrow('does not fit float64[2]');
    const pair: Record<string, Tensor> = { a: x, b: x };
    expect(() => jvp((p: Record<string, Tensor>) => p, [pair], [{ a: x }])).toThrow('the trees differ');
  });

  it('compose: jvp of grad is the slope of the gradient, and so is grad of jvp', () => {
    const h = 1e-5;
    const [, hv] = jvp((w: Net) => grad(loss)(w), [net()], [direction]);
    const [up, down] = [all(grad(loss)(moved(h))), all(grad(loss)(moved(-h)))];
    const expected = up.map((x, i) => (x - down[i]) / (2 * h));
    expectClose(all(hv), expected, 1e-7);
    expectClose(all(hvp((w: Net) => loss(w), [net()], [direction])[0]), expected, 1e-7);
    const slope = (w: Net): Tensor => jvp((at: Net) => loss(at), [w], [direction])[1];
    expectClose(all(grad(slope)(net())), expected, 1e-7);
  });

  it('give the Hessian of all primals together', () => {
    const [da, db] = hvp((a: Tensor, b: Tensor) => a.mul(a).mul(b), [double(2), double(3)], [double(1), double(10)]);
    expect([value(da), value(db)]).toEqual([2 * 3 * 1 + 2 * 2 * 10, 2 * 2 * 1]);
  });
});

describe('perturbation confusion', () => {
  it('an inner derivative takes the outer variable as a constant', () => {
    // d/dx [x * d/dy (x + y)] = 1
    const outer = grad((x: Tensor) => x.mul(grad((y: Tensor) => x.add(y))(double(1))));
    expect(value(outer(double(1)))).toBe(1);
    // d/dx [x * d/dy (x * y) at y = x] = 2x
    const inner = grad((x: Tensor) => x.mul(grad((y: Tensor) => x.mul(y))(x)));
    expect(value(inner(double(3)))).toBe(6);
    const forward = (x: Tensor): Tensor => x.mul(jvp((y: Tensor) => x.mul(y), [x], [double(1)])[1]);
    expect(value(jvp(forward, [double(3)], [double(1)])[1])).toBe(6);
  });

  it('one tensor in two places of the arguments is two variables', () => {
    const x = double(3);
    const { a, b } = grad((w: { a: Tensor; b: Tensor }) => w.a.square().mul(w.b))({ a: x, b: x });
    expect([value(a), value(b)]).toEqual([18, 9]);
  });

  it('a slice of vmap does not leak into another vmap over the same tensor', () => {
    const x = constant([1, 2, 3], { dtype: 'float64' });
    const table = vmap((a: Tensor) => vmap((b: Tensor) => a.mul(10).add(b))(x))(x);
    expect(numbers(table)).toEqual([11, 12, 13, 21, 22, 23, 31, 32, 33]);
  });
});

describe('vmap composes', () => {
  const x = constant([0.5, -1, 2], { dtype: 'float64' });
  const cubes = [0.75, 3, 12]; // 3 x^2

  it('with grad inside and outside', () => {
    expectClose(numbers(vmap(grad((a: Tensor) => a.pow(3)))(x)), cubes);
    expectClose(numbers(grad((all: Tensor) => vmap((a: Tensor) => a.pow(3))(all).sum())(x)), cubes);
  });

  it('to per-example gradients: their mean is the gradient of the mean', () => {
    const one = (w: Net, row: Tensor, label: Tensor): Tensor => loss(w, row.expandDims(0), label.expandDims(0));
    const each = vmap(grad(one), [null, 0, 0])(net(), inputs, labels);
    expect(each.first.weight.shape).toEqual([6, 5, 4]);
    expectClose(all(map((g) => g.mean(0), each)), all(grad(loss)(net())));
  });

  it('to a Hessian: vmap of hvp over the rows of the identity', () => {
    const f = (a: Tensor): Tensor => a.sum().exp().add(a.pow(3).sum());
    const rows = constant([[1, 0, 0], [0, 1, 0], [0, 0, 1]], { dtype: 'float64' }); // biome-ignore format: a matrix
    const hessian = vmap((v: Tensor) => hvp(f, [x], [v])[0])(rows);
    const e = Math.exp(1.5);
    expectClose(numbers(hessian), [e + 3, e, e, e, e - 6, e, e, e, e + 12]);
  });

  it('over a training run: several learning rates at once', () => {
    const train = (lr: Tensor): Tensor => loss(descend(net(), lr, 4));
    const rates = constant([0, 0.1, 1], { dtype: 'float64' });
    const each = [0, 0.1, 1].map((lr) => value(train(double(lr))));
    expectClose(numbers(vmap(train)(rates)), each);
  });

  it('but random leaves are the same for every slice', () => {
    const noise = randomNormal([2], 'noise', 'float64');
    const out = vmap((a: Tensor) => noise.mul(a))(x);
    expectClose(numbers(out, [[noise, [1, 10]]]), [0.5, 5, -1, -10, 2, 20]);
  });
});

/** Gradient descent, unrolled. */
function descend(from: Net, lr: Tensor, steps: number): Net {
  let w = from;
  for (let i = 0; i < steps; i++) w = map((a, g) => a.sub(g.mul(lr)), w, grad(loss)(w));
  return w;
}

describe('differentiation of training', () => {
  it('gives the slope of the final loss in the learning rate, in both modes', () => {
    const train = (lr: Tensor): Tensor => loss(descend(net(), lr, 3));
    const h = 1e-5;
    const expected = (value(train(double(0.3 + h))) - value(train(double(0.3 - h)))) / (2 * h);
    expectClose([value(grad(train)(double(0.3)))], [expected], 1e-7);
    expectClose([value(jvp(train, [double(0.3)], [double(1)])[1])], [expected], 1e-7);
  });
});

describe('graphs', () => {
  it('may be 50 000 nodes deep', () => {
    const x = parameter('x', [], 'float64');
    const deep = (a: Tensor): Tensor => {
      let y = a;
      for (let i = 0; i < 25_000; i++) y = y.add(0.5).mul(1);
      return y;
    };
    expect(value(grad(deep)(x), [[x, [1]]])).toBe(1);
    expect(value(jvp(deep, [x], [double(2)])[1], [[x, [1]]])).toBe(2);
    expect(numbers(vmap(deep)(constant([0, 1], { dtype: 'float64' })))).toEqual([12500, 12501]);
  });

  it('of constants are shared, not rebuilt', () => {
    const heavy = inputs.matmul(inputs, { transposeB: true }).exp();
    const f = (a: Tensor): Tensor => heavy.mul(a).sum();
    const products = (out: Tensor): number => topological([out]).filter(({ op }) => op === 'matmul').length;
    expect(products(grad(f)(double(1)))).toBe(1);
    expect(products(vmap(f)(doubles([4], 1)))).toBe(1);
  });

  it('differentiate in any of their nodes, one of which may lie under another', () => {
    const x = parameter('x', [], 'float64');
    const y = x.square();
    const z = y.mul(x);
    const [gx, gy] = gradients(z, [x, y]);
    expect([value(gx, [[x, [3]]]), value(gy, [[x, [3]]])]).toEqual([27, 3]);
    expect(cotangentsOf([y], [z], [y])).toEqual([null]);
    expect(value(tangentsOf([z], [x], [double(1)])[0], [[x, [3]]])).toBe(27);
  });

  it('do not carry cotangents through integers and conditions', () => {
    const x = constant([1, 3, 2], { dtype: 'float64' });
    const f = (a: Tensor): Tensor => where(a.gt(1.5), a.gather(a.argmax().reshape([1])), 0).sum();
    expect(numbers(grad(f)(x))).toEqual([0, 2, 0]);
  });
});
