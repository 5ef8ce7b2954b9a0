import type { PoolGeometry } from '../../tensor/attrs.ts';
import { type Shape, sizeOf } from '../../tensor/shape.ts';
import { padsOf } from './convolution.ts';
import type { Emitter, Value } from './emitter.ts';
import { scatterRows } from './indexing.ts';
import type { Lowerings } from './lowering.ts';

/** Each window's maximum, and its place in the flattened x (int64). One node serves the pool and its derivatives. */
function pool(emit: Emitter, x: Value, { window, stride, padding }: PoolGeometry, shape: Shape) {
  return emit.once(`pool ${x.name} ${window} ${stride} ${padding}`, () => {
    const attributes = {
      kernel_shape: { ints: window },
      strides: { ints: stride },
      pads: { ints: padsOf(padding) },
    };
    const [y, places] = emit.several(
      'MaxPool',
      [x],
      [
        [shape, x.type],
        [shape, 'int64'],
      ],
      attributes,
    );
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
    const n = sizeOf(dy.shape);
    const size = sizeOf(shape);
    const flat = scatterRows(emit, size, emit.reshape(places, [n]), emit.reshape(dy, [n, 1]));
    return emit.reshape(flat, shape);
  },
};
