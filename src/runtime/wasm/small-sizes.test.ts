import { describe, expect, it } from 'vitest';
import { parameter, where } from '../../tensor/functions.ts';
import type { Graph } from '../../tensor/graph.ts';
import { reference, runOnce, spread, testEngine } from '../../testing/wasm.ts';

const engine = testEngine();

/** Compares with the reference, relative to the largest magnitude; bounded functions keep every expression tame. */
async function expectAgreement(graph: Graph, numbers: readonly (readonly number[])[]): Promise<void> {
  const actual = await runOnce(engine, graph, numbers);
  reference(graph, numbers).forEach((expected, k) => {
    const scale = Array.from(expected).reduce((top, x) => Math.max(top, Math.abs(x)), 1e-3);
    expected.forEach((x, i) => {
      if (!(Math.abs(actual[k][i] - x) <= 2e-5 * scale))
        throw new Error(`output ${k}[${i}]: ${actual[k][i]}, not ${x}`);
    });
  });
}

describe('programs of every small size agree with the reference', () => {
  it('vectors from 0 to 17 elements and some longer ones, in every dtype', async () => {
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
  });

  it('matrix products, strided and broadcast', async () => {
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
  });
});
