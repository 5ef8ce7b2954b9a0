import { openSession } from '#runtime/onnx/session';
import type { OnnxModel } from './proto.ts';
import { encodeModel } from './proto.ts';
import type { SessionOptions } from './session-types.ts';

/** More channels than a block of any processor. */
const channels = 64;
const image = { name: 'image', type: 'float32', shape: [1, channels, 1, 2] } as const;
const reordered = { ...image, name: 'reordered' };

const reorder: OnnxModel = {
  nodes: [
    {
      op: 'ReorderInput',
      domain: 'com.microsoft.nchwc',
      inputs: [image.name],
      outputs: [reordered.name],
      attributes: {},
    },
  ],
  constants: [],
  inputs: [image],
  outputs: [reordered],
};

/** Blocks are wherever ONNX Runtime puts the second pixel of channel 0 when it reorders two pixels. */
async function measure(options: SessionOptions): Promise<number | null> {
  const session = await openSession(
    { bytes: encodeModel(reorder), stops: false, float64: false, small: true },
    options,
  ).catch(() => null);
  if (!session) return null; // no such op on this processor; whatever else is wrong, the next session says
  const numbers = Float32Array.from({ length: 2 * channels }, (_, i) => i);
  const result = new Float32Array(2 * channels);
  const run = session.bind(
    { [image.name]: new session.Tensor('float32', numbers, image.shape) },
    { [reordered.name]: new session.Tensor('float32', result, image.shape) },
  );
  await run();
  const block = result.indexOf(1);
  return block > 1 ? block : null;
}

let found: Promise<number | null> | undefined;

/**
 * Channels of a block in the layout that ONNX Runtime's convolutions like best on this processor: 16 with AVX-512, 8 with AVX2. Null
 * where it has no such layout, as in a browser. It names the size nowhere, so it is found by looking, once.
 */
export function blockSize(options: SessionOptions): Promise<number | null> {
  found ??= measure(options);
  return found;
}
