import * as tf from '@tensorflow/tfjs';
import type { Save } from './layers.ts';

/**
 * A convolution of x [N, H, W, in] and a filter [h, w, in, out]. The wasm backend has no kernel `Conv2DBackpropFilter`; there the
 * gradients are themselves convolutions.
 */
export function conv2d(x: tf.Tensor, filter: tf.Tensor, stride: number, padding: number): tf.Tensor {
  const [images, weights] = [x as tf.Tensor4D, filter as tf.Tensor4D];
  if (tf.getKernel('Conv2DBackpropFilter', tf.getBackend())) return tf.conv2d(images, weights, stride, padding);
  const convolution = tf.customGrad((...args) => {
    const [x, filter, save] = args as unknown as [tf.Tensor4D, tf.Tensor4D, Save];
    save([x, filter]);
    return {
      value: tf.conv2d(x, filter, stride, padding),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
        return [
          inputGradient(x.shape, filter, dy as tf.Tensor4D, stride, padding),
          filterGradient(x, filter.shape, dy as tf.Tensor4D, stride, padding),
        ];
      },
    };
  });
  return convolution(images, weights);
}

type Shape4D = tf.Tensor4D['shape'];

/** dy with the filter turned by half a turn; with a stride, the library's transposed convolution. */
function inputGradient(
  shape: Shape4D,
  filter: tf.Tensor4D,
  dy: tf.Tensor4D,
  stride: number,
  padding: number,
): tf.Tensor {
  if (stride > 1) return tf.conv2dTranspose(dy, filter, shape, stride, padding);
  const turned = filter.reverse([0, 1]).transpose<tf.Tensor4D>([0, 1, 3, 2]);
  return tf.conv2d(dy, turned, 1, filter.shape[0] - 1 - padding);
}

/** x as [in, H, W, N] with dy [h, w, N, out] as its filter, the stride being the distance of the taps. */
function filterGradient(
  x: tf.Tensor4D,
  [height, width, channels, outputs]: Shape4D,
  dy: tf.Tensor4D,
  stride: number,
  padding: number,
): tf.Tensor {
  const images = x.transpose<tf.Tensor4D>([3, 1, 2, 0]);
  const taps = dy.transpose<tf.Tensor4D>([1, 2, 0, 3]);
  const gradient = tf.conv2d(images, taps, 1, padding, 'NHWC', stride);
  return gradient.slice([0, 0, 0, 0], [channels, height, width, outputs]).transpose([1, 2, 0, 3]);
}
