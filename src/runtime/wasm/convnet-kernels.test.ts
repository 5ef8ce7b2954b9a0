import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PoolGeometry } from '../../tensor/attrs.ts';
import { parameter } from '../../tensor/functions.ts';
import { infer } from '../../tensor/infer.ts';
import { apply } from '../../tensor/tensor.ts';
import { relativeError } from '../../testing/compute.ts';
import { reference, runOnce, spread, testEngine } from '../../testing/wasm.ts';

const engine = testEngine();
const from = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const two = <T>(side: fc.Arbitrary<T>): fc.Arbitrary<[T, T]> => fc.tuple(side, side);

describe('the kernels of convolutional networks', () => {
  /** Padding is smaller than the window, as the op demands, and every window has an element of the image. */
  const geometry: fc.Arbitrary<PoolGeometry> = two(from(1, 3)).chain((window) =>
    fc.record({
      window: fc.constant(window),
      stride: fc.oneof(fc.constant(window), two(from(1, 3))),
      padding: fc.tuple(two(from(0, window[0] - 1)), two(from(0, window[1] - 1))),
    }),
  );

  it('pool as the reference, also where maxima tie or are NaN', async () => {
    const values = fc.infiniteStream(fc.constantFrom(-1, -0, 0, 0.5, 0.5, 1, Number.NaN, Number.NEGATIVE_INFINITY));
    const size = two(from(3, 17));
    await fc.assert(
      fc.asyncProperty(geometry, size, values, async (geometry, [height, width], values) => {
        const x = parameter('x', [2, 1, height, width]);
        const t = parameter('t', x.shape);
        const dy = parameter('dy', infer.maxPool([x], geometry, 'maxPool').shape);
        const outputs = [
          apply('maxPool', [x], geometry),
          apply('maxPoolGather', [x, t], geometry),
          apply('maxPoolScatter', [x, dy], geometry),
        ];
        const graph = { inputs: [x, t, dy], outputs };
        // Sums of these are exact in float32.
        const whole = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
        const image = Array.from({ length: x.size }, () => values.next().value as number);
        const numbers = [image, whole(t.size), whole(dy.size)];
        const actual = await runOnce(engine, graph, numbers);
        reference(graph, numbers).forEach((expected, i) => {
          expect(Array.from(actual[i], (value) => value + 0)).toEqual(Array.from(expected, (value) => value + 0));
        });
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  it('sum the gradient of a kernel as the reference', async () => {
    const sizes = fc.record({
      images: from(1, 3),
      channels: from(1, 3),
      out: from(1, 7),
      kernel: two(from(1, 5)),
      size: two(from(9, 14)),
      padding: two(two(from(0, 2))),
      dilation: two(from(1, 2)),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ images, channels, out, kernel, size, padding, dilation }) => {
        const geometry = { stride: [1, 1] as const, padding, dilation, groups: 1 };
        const x = parameter('x', [images, channels, ...size]);
        const y = apply('conv2d', [x, parameter('kernel', [out, channels, ...kernel])], geometry);
        const dy = parameter('dy', y.shape);
        const outputs = [apply('conv2dKernelGrad', [x, dy], { ...geometry, kernelSize: kernel })];
        const graph = { inputs: [x, dy], outputs };
        const numbers = [spread(x.size), spread(dy.size)];
        const [actual] = await runOnce(engine, graph, numbers);
        expect(relativeError(actual, reference(graph, numbers)[0])).toBeLessThan(1e-5);
      }),
      { numRuns: 60, seed: 5 },
    );
  });
});
