import type { ConvGeometry, PoolGeometry } from '../../tensor/attrs.ts';
import type { Shape } from '../../tensor/shape.ts';
import { generate, type NdArray, type Rules, zeros } from './array.ts';
import { beats } from './reduce.ts';

/** The input row (or column) under tap `k` of output position `i`; it may lie in the padding. */
const under = (i: number, k: number, side: 0 | 1, { stride, padding, dilation }: ConvGeometry): number =>
  i * stride[side] - padding[side][0] + k * dilation[side];

/**
 * Visits every product of a convolution: element x of the image, element k of the kernel, element y of the output to which x * k adds.
 * All three forms are this walk with another of the three as the sum.
 */
function eachProduct(
  image: Shape,
  kernel: Shape,
  output: Shape,
  geometry: ConvGeometry,
  visit: (x: number, k: number, y: number) => void,
): void {
  const [count, channels, height, width] = image;
  const [outChannels, perGroup, kernelHeight, kernelWidth] = kernel;
  const [, , outHeight, outWidth] = output;
  const outPerGroup = outChannels / geometry.groups;
  for (let n = 0; n < count; n++) {
    for (let o = 0; o < outChannels; o++) {
      const firstChannel = Math.floor(o / outPerGroup) * perGroup;
      for (let i = 0; i < outHeight; i++) {
        for (let j = 0; j < outWidth; j++) {
          const y = ((n * outChannels + o) * outHeight + i) * outWidth + j;
          for (let c = 0; c < perGroup; c++) {
            for (let p = 0; p < kernelHeight; p++) {
              const row = under(i, p, 0, geometry);
              if (row < 0 || row >= height) continue;
              for (let q = 0; q < kernelWidth; q++) {
                const column = under(j, q, 1, geometry);
                if (column < 0 || column >= width) continue;
                const x = ((n * channels + firstChannel + c) * height + row) * width + column;
                visit(x, ((o * perGroup + c) * kernelHeight + p) * kernelWidth + q, y);
              }
            }
          }
        }
      }
    }
  }
}

/** For every window of [N, C, H, W], the place in x of its first largest element. Padding never wins; NaN does. */
function winners(x: NdArray, [, , outHeight, outWidth]: Shape, { window, stride, padding }: PoolGeometry): Int32Array {
  const [n, c, height, width] = x.shape;
  const found = new Int32Array(n * c * outHeight * outWidth);
  for (let at = 0; at < found.length; at++) {
    const plane = Math.floor(at / (outHeight * outWidth));
    const top = (Math.floor(at / outWidth) % outHeight) * stride[0] - padding[0][0];
    const left = (at % outWidth) * stride[1] - padding[1][0];
    let best = -1;
    for (let row = Math.max(0, top); row < Math.min(height, top + window[0]); row++) {
      for (let column = Math.max(0, left); column < Math.min(width, left + window[1]); column++) {
        const here = (plane * height + row) * width + column;
        if (best < 0 || beats(x.data[here], x.data[best])) best = here;
      }
    }
    found[at] = best;
  }
  return found;
}

export const convolution: Rules<
  'conv2d' | 'conv2dInputGrad' | 'conv2dKernelGrad' | 'maxPool' | 'maxPoolGather' | 'maxPoolScatter'
> = {
  conv2d: ([x, kernel], geometry, node) => {
    const y = zeros(node);
    eachProduct(x.shape, kernel.shape, y.shape, geometry, (from, k, to) => {
      y.data[to] += x.data[from] * kernel.data[k];
    });
    return y;
  },
  conv2dInputGrad: ([dy, kernel], geometry, node) => {
    const dx = zeros(node);
    eachProduct(dx.shape, kernel.shape, dy.shape, geometry, (to, k, from) => {
      dx.data[to] += dy.data[from] * kernel.data[k];
    });
    return dx;
  },
  conv2dKernelGrad: ([x, dy], geometry, node) => {
    const dk = zeros(node);
    eachProduct(x.shape, dk.shape, dy.shape, geometry, (from, k, y) => {
      dk.data[k] += x.data[from] * dy.data[y];
    });
    return dk;
  },
  maxPool: ([x], geometry, node) => {
    const at = winners(x, node.shape, geometry);
    return generate(node, (i) => x.data[at[i]]);
  },
  maxPoolGather: ([x, t], geometry, node) => {
    const at = winners(x, node.shape, geometry);
    return generate(node, (i) => t.data[at[i]]);
  },
  maxPoolScatter: ([x, dy], geometry, node) => {
    const at = winners(x, dy.shape, geometry);
    const result = zeros(node);
    for (let i = 0; i < at.length; i++) result.data[at[i]] += dy.data[i];
    return result;
  },
};
