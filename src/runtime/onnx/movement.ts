import type { OpAttrs } from '../../tensor/attrs.ts';
import type { Emitter, Value } from './emitter.ts';
import type { Lowerings } from './lowering.ts';

/**
 * Elements between neighbours: each becomes a row of its own, padded after, and the rows are joined again. What follows the last
 * element of an axis is cropped by the outer padding.
 */
function padInterior(emit: Emitter, x: Value, { low, high, interior, value }: OpAttrs['pad']): Value {
  if (interior.every((n) => n === 0)) return emit.pad(x, low, high, value);
  const gaps = x.shape.map((n, i) => (n > 1 ? interior[i] : 0));
  const apart = emit.reshape(
    x,
    gaps.flatMap((gap, i) => (gap > 0 ? [x.shape[i], 1] : [x.shape[i]])),
  );
  const after = gaps.flatMap((gap) => (gap > 0 ? [0, gap] : [0]));
  const spread = emit.pad(
    apart,
    after.map(() => 0),
    after,
    value,
  );
  const joined = emit.reshape(
    spread,
    x.shape.map((n, i) => n * (gaps[i] + 1)),
  );
  return emit.pad(
    joined,
    low,
    high.map((n, i) => n - gaps[i]),
    value,
  );
}

/** Axes that a slice cuts; the others need not be named. */
function slice(
  emit: Emitter,
  x: Value,
  { starts, limits, strides }: OpAttrs['slice'],
  shape: readonly number[],
): Value {
  const cut = [...x.shape.keys()].filter(
    (axis) => starts[axis] > 0 || limits[axis] < x.shape[axis] || strides[axis] > 1,
  );
  if (cut.length === 0) return x;
  const of = (values: readonly number[]): number[] => cut.map((axis) => values[axis]);
  return emit.slice(x, cut, of(starts), of(limits), of(strides), shape);
}

export const movement: Lowerings<'reshape' | 'transpose' | 'broadcastTo' | 'slice' | 'pad' | 'concat' | 'flip'> = {
  reshape: (emit, [x], { shape }) => emit.reshape(x, shape),
  transpose: (emit, [x], { permutation }) => emit.transpose(x, permutation),
  broadcastTo: (emit, [x], { shape }) => emit.expand(x, shape),
  slice: (emit, [x], attrs, { shape }) => slice(emit, x, attrs, shape),
  pad: (emit, [x], attrs) => padInterior(emit, x, attrs),
  concat: (emit, parts, { axis }) => emit.concat(parts, axis),
  flip: (emit, [x], { axes }) => {
    const from = axes.map((axis) => x.shape[axis] - 1);
    const to = axes.map((axis) => -x.shape[axis] - 1); // before element 0
    return axes.length === 0
      ? x
      : emit.slice(
          x,
          axes,
          from,
          to,
          axes.map(() => -1),
          x.shape,
        );
  },
};
