import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BinaryName, UnaryName } from '../../tensor/attrs.ts';
import { concat, parameter, where } from '../../tensor/functions.ts';
import type { Graph } from '../../tensor/graph.ts';
import { apply, type Tensor } from '../../tensor/tensor.ts';
import { reference, runOnce, spread, testEngine } from '../../testing/wasm.ts';

const engine = testEngine();

/** Compares with the reference, relative to the largest magnitude; bounded functions keep every expression tame. */
async function expectAgreement(
  graph: Graph,
  numbers: readonly (readonly number[])[],
  over: readonly (number | null)[] = [],
): Promise<void> {
  const actual = await runOnce(engine, graph, numbers, over);
  reference(graph, numbers).forEach((expected, k) => {
    const scale = Array.from(expected).reduce((top, x) => Math.max(top, Math.abs(x)), 1e-3);
    expected.forEach((x, i) => {
      if (!(Math.abs(actual[k][i] - x) <= 2e-5 * scale))
        throw new Error(`output ${k}[${i}]: ${actual[k][i]}, not ${x}`);
    });
  });
}

const tame: readonly UnaryName[] = ['neg', 'abs', 'sin', 'cos', 'tanh', 'sigmoid', 'erf', 'relu'];
const pairs: readonly BinaryName[] = ['add', 'sub', 'mul', 'maximum', 'minimum'];

/** A step of a random program: it takes earlier results by position and keeps values bounded. */
const step = fc.record({
  kind: fc.constantFrom('unary', 'binary', 'where', 'reduce', 'move', 'cast'),
  pick: fc.nat(7),
  a: fc.nat(1000),
  b: fc.nat(1000),
});

function grow(pool: Tensor[], { kind, pick, a, b }: { kind: string; pick: number; a: number; b: number }): Tensor {
  const x = pool[a % pool.length];
  const alike = pool.filter((t) => t.shape.join() === x.shape.join());
  const y = alike[b % alike.length];
  const axis = b % x.rank;
  switch (kind) {
    case 'unary':
      return apply(tame[pick], [x], {});
    case 'binary':
      return apply(pairs[pick % pairs.length], [x, y], {}).tanh();
    case 'where':
      return where(x.lt(y), x, y.mul(0.5));
    case 'reduce':
      return (pick % 2 ? x.max(axis, { keepDims: true }) : x.sum(axis, { keepDims: true }).tanh()).add(x);
    case 'cast':
      return x.cast('float64').mul(1.5).cast('float32').add(x.mul(3).cast('int32').cast('float32')).mul(0.25);
    default: {
      if (pick < 2) return x.flip(axis);
      if (pick < 4) return x.transpose().reshape(x.shape);
      if (pick < 6) return concat([x.sliceAxis(axis, 1, x.shape[axis]), y.sliceAxis(axis, 0, 1)], axis);
      return x.sliceAxis(axis, 0, 1).broadcastTo(x.shape);
    }
  }
}

describe('random programs agree with the reference', () => {
  it('of element-wise ops, reductions and movement', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 3 }),
        fc.array(step, { minLength: 1, maxLength: 14 }),
        async (shape, steps) => {
          const inputs = [parameter('x', shape), parameter('y', shape)];
          const pool: Tensor[] = [...inputs];
          for (const one of steps) pool.push(grow(pool, one));
          const outputs = pool.slice(-3).filter((t) => t.op !== 'parameter');
          // Casts to int32 jump: keep them away from whole numbers by taking values that float32 and float64 round alike.
          const jumps = steps.some(({ kind }) => kind === 'cast');
          if (jumps && steps[0].kind !== 'cast') return;
          const size = shape.reduce((p, n) => p * n, 1);
          const numbers = [spread(size), spread(size, 0.7).reverse()];
          await expectAgreement({ inputs, outputs }, numbers);
          await expectAgreement({ inputs, outputs }, numbers, [0, 1]); // the same, written over the inputs
        },
      ),
      { numRuns: 150, seed: 7 },
    );
  }, 120_000);

  it('with every length from 0 to 17 and some beyond, in every dtype', async () => {
    for (const n of [...Array(18).keys(), 31, 64, 65, 130]) {
      const x = parameter('x', [n]);
      const k = x.mul(10).cast('int32');
      const mask = x.gt(0.25).and(k.ne(3)).or(x.lt(-0.9));
      const bytes = mask.cast('uint8').mul(200).add(k.mul(k).cast('uint8'));
      const wide = x.cast('float64').exp().mul(3);
      const outputs = [
        x.mul(2).add(1),
        k.abs().maximum(k.neg()),
        mask,
        bytes,
        wide,
        where(mask, wide, wide.neg()),
        mask.not().cast('float64'),
        x.sum(),
        wide.sum(),
        bytes.cast('int32').sum(),
      ]; // every dtype in one body
      await expectAgreement({ inputs: [x], outputs }, [spread(n)]);
    }
  }, 120_000);

  it('of matrix products of every small size, strided and broadcast', async () => {
    for (const [m, k, n] of [
      [1, 1, 1],
      [2, 3, 4],
      [4, 1, 5],
      [5, 7, 9],
      [6, 4, 8],
      [7, 5, 12],
      [13, 17, 19],
      [3, 9, 3],
    ]) {
      const [a, b] = [parameter('a', [2, m, k]), parameter('b', [n, k])];
      const product = a.matmul(b, { transposeB: true });
      const flipped = a
        .flip(1)
        .transpose([0, 2, 1])
        .matmul(b.sliceAxis(1, 0, k), { transposeA: true, transposeB: true });
      const double = a.cast('float64').matmul(b.cast('float64').transpose());
      await expectAgreement({ inputs: [a, b], outputs: [product, flipped, double] }, [
        spread(2 * m * k),
        spread(n * k),
      ]);
    }
    expect(true).toBe(true);
  }, 120_000);
});
