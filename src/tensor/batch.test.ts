import { describe, expect, it } from 'vitest';
import { evaluate } from '../runtime/reference/index.ts';
import type { OpCase } from '../testing/op-case.ts';
import { caseInputs, opCases } from '../testing/op-cases.ts';
import { batchRules } from './batch.ts';
import { isFloat } from './dtype.ts';
import { parameter } from './functions.ts';
import { sizeOf } from './shape.ts';
import type { Tensor } from './tensor.ts';
import { cotangentsOf, vmap } from './transforms.ts';

// Every case of every op, for each choice of mapped inputs, against a loop; and so their derivatives.

const lanes = 3;

/** Numbers of each lane: fresh random ones, or the given ones turned round by one place a lane. */
function laneValues(op: OpCase): number[][][] {
  return Array.from({ length: lanes }, (_, lane) =>
    caseInputs(op, lane).map((values, i) => {
      if (!op.inputs[i].values || values.length === 0) return values;
      const shift = lane % values.length;
      return [...values.slice(shift), ...values.slice(0, shift)];
    }),
  );
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    const [a, e] = [actual[i], expected[i]];
    if (!Object.is(a, e) && !(Math.abs(a - e) <= 1e-9 * Math.max(1, Math.abs(e))))
      expect.fail(`element ${i}: ${a}, expected ${e}`);
  }
}

/** Non-empty choices among n inputs, the most telling ones where there are many. */
const choices = (n: number): boolean[][] =>
  Array.from({ length: 2 ** Math.min(n, 4) - 1 }, (_, i) =>
    Array.from({ length: n }, (_, bit) => (((i + 1) >> bit) & 1) === 1),
  );

/** Compares vmap(fn) with fn of each lane. */
function compare(
  op: OpCase,
  fn: (...inputs: Tensor[]) => Tensor[],
  mapped: readonly boolean[],
  values: readonly (readonly number[][])[],
): void {
  const one = op.inputs.map(({ shape, dtype }, i) => parameter(`x${i}`, shape, dtype));
  const all = op.inputs.map(({ shape, dtype }, i) => parameter(`x${i}`, mapped[i] ? [lanes, ...shape] : shape, dtype));
  const single = fn(...one);
  const batched = vmap(
    fn,
    mapped.map((yes) => (yes ? 0 : null)),
  )(...all);
  const feeds = new Map(all.map((x, i) => [x, mapped[i] ? values.flatMap((lane) => lane[i]) : values[0][i]]));
  const found = evaluate(batched, feeds);
  single.forEach((y, k) => {
    expect(batched[k].shape).toEqual([lanes, ...y.shape]);
    expect(batched[k].dtype).toBe(y.dtype);
  });
  values.forEach((lane, b) => {
    const expected = evaluate(single, new Map(one.map((x, i) => [x, mapped[i] ? lane[i] : values[0][i]])));
    expected.forEach(({ data }, k) => {
      expectClose(found[k].data.slice(b * data.length, (b + 1) * data.length), data);
    });
  });
}

const label = (mapped: readonly boolean[]): string => mapped.map((yes) => (yes ? '0' : '-')).join('');

/** The rules look at axes and attributes, not at sizes: cases of many numbers are there for the kernels of engines. */
const isSmall = ({ inputs }: OpCase): boolean => inputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0) < 1000;
const smallCases = Object.entries(opCases).map(([op, cases]) => [op, cases.filter(isSmall)] as const);
const withInputs = smallCases.filter(([, cases]) => cases.some(({ inputs }) => inputs.length > 0));

describe.each(withInputs)('vmap of %s', (_, cases) => {
  for (const one of cases) {
    const values = laneValues(one);
    for (const mapped of choices(one.inputs.length)) {
      it(`${one.name}, axes ${label(mapped)}`, () => compare(one, (...x) => [one.build(...x)], mapped, values));
      if (one.differentiable === false) continue;
      it(`${one.name}, axes ${label(mapped)}: cotangents`, () => {
        const pulled = (...x: Tensor[]): Tensor[] => {
          const y = one.build(...x);
          return cotangentsOf(
            [y],
            x.filter(({ dtype }) => isFloat(dtype)),
            [y],
          ).filter((g) => g !== null);
        };
        compare(one, pulled, mapped, values);
      });
    }
  }
});

describe('batching', () => {
  it('has a rule that computes for every op with inputs', () => {
    for (const op of Object.keys(opCases)) expect(batchRules).toHaveProperty(op);
  });

  it('repeats results that do not depend on a mapped argument', () => {
    const [x, y] = [parameter('x', [2, 3]), parameter('y', [4])];
    const [a, b] = vmap((_: Tensor, free: Tensor) => [free.exp(), free] as const, [0, null])(x, y);
    expect([a.shape, b.shape]).toEqual([
      [2, 4],
      [2, 4],
    ]);
  });

  it('maps axes other than the first, and trees by the names of their parts', () => {
    const x = parameter('x', [2, 3]);
    const y = parameter('y', [3]);
    const fn = ({ a, b }: { a: Tensor; b: Tensor }): Tensor => a.sum().mul(b);
    const out = vmap(fn, [{ a: 1, b: 0 }])({ a: x, b: y });
    const [{ data }] = evaluate(
      [out],
      new Map([
        [x, [1, 2, 3, 4, 5, 6]],
        [y, [1, 10, 100]],
      ]),
    );
    expect([...data]).toEqual([5, 70, 900]);
    const negative = vmap((row: Tensor) => row.sum(), -1)(x);
    expect([...evaluate([negative], new Map([[x, [1, 2, 3, 4, 5, 6]]]))[0].data]).toEqual([5, 7, 9]);
  });

  it('refuses axes that do not exist, sizes that differ, and arguments of which none is mapped', () => {
    const [x, y] = [parameter('x', [2, 3]), parameter('y', [4])];
    const add = (a: Tensor, b: Tensor): Tensor => a.sum().add(b.sum());
    expect(() => vmap(add, [2, 0])(x, y)).toThrow("vmap: argument '0', parameter: float32[2, 3], has no axis 2");
    expect(() => vmap(add)(x, y)).toThrow("vmap: argument '1' has 4 slices, others 2");
    expect(() => vmap(add, null)(x, y)).toThrow('vmap: maps over no argument');
    expect(() => vmap(add, [0])(x, y)).toThrow("vmap: inAxes says nothing of '1'");
  });
});
