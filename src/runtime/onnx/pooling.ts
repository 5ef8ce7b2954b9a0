import type { PoolGeometry } from '../../tensor/attrs.ts';
import { type Shape, sizeOf } from '../../tensor/shape.ts';
import type { Emitter, Value } from './emitter.ts';
import { padsOf } from './geometry.ts';
import { scatterRows } from './indexing.ts';
import type { Lowerings } from './lowering.ts';
import type { OnnxType } from './proto.ts';

const attributesOf = ({ window, stride, padding }: PoolGeometry) => ({
  kernel_shape: { ints: window },
  strides: { ints: stride },
  pads: { ints: padsOf(padding) },
});

/** Each window's maximum, and its place in the flattened x (int64). One node serves the pool and its derivatives. */
function pool(emit: Emitter, x: Value, geometry: PoolGeometry, shape: Shape) {
  const { window, stride, padding } = geometry;
  return emit.once(`pool ${x.name} ${window} ${stride} ${padding}`, () => {
    const results: [Shape, OnnxType][] = [
      [shape, x.type],
      [shape, 'int64'],
    ];
    const [y, places] = emit.several('MaxPool', [x], results, attributesOf(geometry));
    return { y, places };
  });
}

export const pooling: Lowerings<'maxPool' | 'maxPoolGather' | 'maxPoolScatter'> = {
  maxPool: (emit, [x], geometry, { shape }) => pool(emit, x, geometry, shape).y,

  maxPoolGather: (emit, [x, t], geometry, { shape }) => {
    const flat = emit.reshape(t, [sizeOf(t.shape)]);
    return emit.op('Gather', [flat], { shape }, [pool(emit, x, geometry, shape).places]);
  },

  maxPoolScatter: (emit, [x, dy], geometry, { shape }) => {
    const { places } = pool(emit, x, geometry, dy.shape);
    // Windows that do not overlap name no place twice.
    const apart = geometry.window.every((n, side) => n <= geometry.stride[side]);
    if (apart && dy.type === 'float32') {
      // The shape is given, so the window says nothing; ONNX Runtime refuses some that would give a smaller image.
      const attributes = { kernel_shape: { ints: [1, 1] }, strides: { ints: [1, 1] } };
      return emit.node('MaxUnpool', [dy, places, emit.integers(shape)], { shape, type: dy.type, attributes });
    }
    const n = sizeOf(dy.shape);
    const size = sizeOf(shape);
    const flat = scatterRows(emit, size, emit.reshape(places, [n]), emit.reshape(dy, [n, 1]));
    return emit.reshape(flat, shape);
  },
};
