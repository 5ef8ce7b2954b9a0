import { describe, expect, test } from 'vitest';
import type { Tensor } from '../tensor/tensor.ts';
import { type LossPoint, type Start, trajectory } from '../testing/trajectory.ts';
import type { Hyper } from './hyper.ts';
import type { Optimizer } from './optimizer.ts';
import { getOptimizer, methods } from './registry.ts';

// Where a method lets eps be 0, what has seen no gradient stays where it is: 0 / 0 = 0.

const isEps = ([name, hyper]: [string, Hyper]): boolean =>
  /eps/i.test(name) && (hyper.kind === 'number' || hyper.kind === 'optional') && hyper.legal(0);
const cases = methods.flatMap(({ id, hyper }) =>
  Object.entries(hyper)
    .filter(isEps)
    .map(([name]): [string, string] => [id, name]),
);

const leaf = (shape: readonly number[], role: Start['role']): Start => ({
  shape,
  role,
  values: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i / 7 - 0.6),
});
const w0 = { W: leaf([3, 4], 'matrix'), b: leaf([3], 'bias'), e: leaf([4, 3], 'embedding') };

describe.each(cases)('%s with %s 0', (id, name) => {
  test.each<[string, (point: LossPoint) => Tensor]>([
    ['no gradient at all', ({ w }) => w.flat.mul(0).sum()],
    ['a gradient in two elements of one matrix', ({ w }) => w.leaf('W').slice([0, 0], [1, 2]).sum()],
  ])('%s', async (_, loss) => {
    const optimizer = getOptimizer(id, { [name]: 0 }) as Optimizer;
    const { w } = await trajectory(optimizer, { w0, loss, steps: 2 });
    expect(w.flat().filter((x) => !Number.isFinite(x))).toEqual([]);
  });
});
