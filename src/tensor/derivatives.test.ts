import { describe, expect, it } from 'vitest';
import { evaluate } from '../runtime/reference/index.ts';
import { testRandom } from '../testing/draw.ts';
import type { OpCase } from '../testing/op-case.ts';
import { caseInputs, opCases } from '../testing/op-cases.ts';
import { isFloat } from './dtype.ts';
import { parameter } from './functions.ts';
import { jvpRules } from './jvp.ts';
import { apply, type Tensor } from './tensor.ts';
import { cotangentsOf, tangentsOf } from './transforms.ts';
import { vjpRules } from './vjp.ts';

// Every case of every op: J u against differences along a random u, J' v by <v, J u> = <J' v, u>, and the derivative of J' v once more.

const step = 1e-5;

/** A cotangent of 0 meets an infinite slope behind a `where`: 0 * infinity. Guard the argument, not the result. */
const undefinedAtZero = new Set(['the branch not taken may be infinite']);

/** A direction that leaves the sign and the size of large and tiny numbers alone. */
const direction = (values: readonly number[], seed: number): number[] => {
  const random = testRandom(seed);
  return values.map((x) => (2 * random() - 1) * (x === 0 ? 1 : Math.min(1, Math.abs(x))));
};

const along = (x: readonly number[], u: readonly number[], h: number): number[] =>
  x.map((value, i) => value + h * u[i]);

const inner = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

/** Largest magnitude, at least 1e-30. */
const scale = (...arrays: ArrayLike<number>[]): number =>
  arrays.reduce((most, array) => Array.from(array).reduce((m, x) => Math.max(m, Math.abs(x)), most), 1e-30);

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, noise = 0): void {
  expect(actual.length).toBe(expected.length);
  const size = scale(actual, expected);
  for (let i = 0; i < actual.length; i++) {
    const allowed = tolerance * size + noise;
    if (!(Math.abs(actual[i] - expected[i]) <= allowed)) {
      expect.fail(`element ${i}: ${actual[i]}, expected ${expected[i]} (within ${allowed})`);
    }
  }
}

interface Setup {
  readonly inputs: readonly Tensor[];
  readonly values: readonly number[][];
  readonly y: Tensor;
  /** Positions of the inputs that have derivatives. */
  readonly floats: readonly number[];
}

function setUp(op: OpCase): Setup {
  const inputs = op.inputs.map(({ shape, dtype }, i) => parameter(`x${i}`, shape, dtype));
  const floats = [...inputs.keys()].filter((i) => isFloat(inputs[i].dtype));
  return { inputs, values: caseInputs(op), y: op.build(...inputs), floats };
}

/** Difference of fourth order of `output` along directions of the inputs. */
function difference(output: Tensor, setup: Setup, directions: readonly number[][]): { slope: number[]; noise: number } {
  const at = (h: number): ArrayLike<number> => {
    const feeds = setup.inputs.map((input, i): [Tensor, number[]] => {
      const place = setup.floats.indexOf(i);
      return [input, place < 0 ? setup.values[i] : along(setup.values[i], directions[place], h)];
    });
    return evaluate([output], new Map(feeds))[0].data;
  };
  const [far, near, minusNear, minusFar] = [2, 1, -1, -2].map((k) => at(k * step));
  const slope = Array.from(near, (value, i) => (8 * (value - minusNear[i]) - (far[i] - minusFar[i])) / (12 * step));
  return { slope, noise: (1e-14 * scale(near, minusNear)) / step };
}

function check(op: OpCase): void {
  const setup = setUp(op);
  const { inputs, values, y, floats } = setup;
  const wrt = floats.map((i) => inputs[i]);
  const feeds = new Map<Tensor, number[]>(inputs.map((input, i) => [input, values[i]]));
  const directions = floats.map((i) => direction(values[i], 7 + i));
  const u = wrt.map((x, i) => parameter(`u${i}`, x.shape, x.dtype));
  u.forEach((node, i) => void feeds.set(node, directions[i]));
  const v = parameter('v', y.shape, y.dtype);
  const random = testRandom(99);
  const weights = Array.from({ length: y.size }, () => 2 * random() - 1);
  feeds.set(v, weights);

  const [tangent] = tangentsOf([y], wrt, u);
  const cotangents = cotangentsOf([y], wrt, [v]);
  const moved = evaluate([tangent], feeds)[0].data;
  const { slope, noise } = difference(y, setup, directions);
  expectClose(moved, slope, 2e-6, noise);

  const terms = cotangents.map((g, i) => (g ? inner(evaluate([g], feeds)[0].data, directions[i]) : 0));
  const [pushed, pulled] = [inner(weights, moved), terms.reduce((a, b) => a + b, 0)];
  expect(Math.abs(pushed - pulled)).toBeLessThanOrEqual(1e-9 * scale(moved) * Math.sqrt(y.size) + 1e-12 * scale(terms));

  // The Hessian of <v, f>: how J' v moves along u, by both orders of differentiation.
  const used = cotangents.flatMap((g, i) => (g ? [{ g, x: wrt[i], u: directions[i] }] : []));
  const second = tangentsOf(
    used.map(({ g }) => g),
    wrt,
    u,
  );
  used.forEach(({ g }, i) => {
    const feedV = { ...setup, inputs: [...inputs, v], values: [...values, weights] };
    const expected = difference(g, feedV, directions);
    expectClose(evaluate([second[i]], feeds)[0].data, expected.slope, 1e-5, expected.noise);
  });
  const reversed = cotangentsOf(
    used.map(({ g }) => g),
    wrt,
    used.map(({ x }) => u[wrt.indexOf(x)]),
  );
  const forward = used.reduce((sum, { u: d }, i) => sum + inner(evaluate([second[i]], feeds)[0].data, d), 0);
  const backward = reversed.reduce(
    (sum, g, i) => sum + (g ? inner(evaluate([g], feeds)[0].data, directions[i]) : 0),
    0,
  );
  expect(Math.abs(forward - backward)).toBeLessThanOrEqual(1e-8 * Math.max(1, Math.abs(forward)));
}

describe.each(Object.entries(opCases))('%s', (_, cases) => {
  for (const one of cases) {
    if (undefinedAtZero.has(one.name)) continue;
    if (one.differentiable === false) {
      it(`${one.name}: has no derivative that is not a number`, () => {
        const { inputs, values, y, floats } = setUp(one);
        if (!isFloat(y.dtype)) return;
        const wrt = floats.map((i) => inputs[i]);
        const feeds = new Map<Tensor, readonly number[]>(inputs.map((input, i) => [input, values[i]]));
        const found = cotangentsOf([y], wrt, [apply('identity', [y], {})]).filter((g) => g !== null);
        for (const { data } of evaluate(found, feeds)) expect(Array.from(data).some(Number.isNaN)).toBe(false);
      });
    } else it(`${one.name}: derivatives`, () => check(one));
  }
});

describe('rules', () => {
  it('of every op exist in both modes', () => {
    expect(Object.keys(jvpRules).sort()).toEqual(Object.keys(vjpRules).sort());
    for (const op of Object.keys(opCases)) expect(vjpRules).toHaveProperty(op);
  });
});
