import { type Shape, sizeOf } from '../../tensor/shape.ts';
import type { Emitter, Value } from './emitter.ts';
import type { Lowerings } from './lowering.ts';
import type { OnnxType } from './proto.ts';

/**
 * ONNX Runtime's ScatterND adds from several threads at once without locks, so repeated indices lose updates (seen with 1.30: sums
 * wrong by 17). Below about 2e5 elements its cost model keeps to one thread; pieces stay well below that.
 */
const racelessElements = 100_000;

/** Zeros [rows, width] with updates [n, width] added at indices int64 [n]. */
export function scatterRows(emit: Emitter, rows: number, indices: Value, updates: Value): Value {
  const [n, width] = updates.shape;
  const places = emit.reshape(indices, [n, 1]);
  const attributes = { reduction: { string: 'add' } };
  let sums = emit.zeros([rows, width], updates.type);
  // ScatterElements has one thread, and for single numbers a third of ScatterND's cost.
  if (width === 1) return emit.node('ScatterElements', [sums, places, updates], { ...sums, attributes });
  const perPiece = Math.max(1, Math.floor(racelessElements / width));
  for (let start = 0; start < n; start += perPiece) {
    const limit = Math.min(n, start + perPiece);
    const piece = (x: Value): Value =>
      n <= perPiece ? x : emit.slice(x, [0], [start], [limit], [1], [limit - start, ...x.shape.slice(1)]);
    sums = emit.node('ScatterND', [sums, piece(places), piece(updates)], { ...sums, attributes });
  }
  return sums;
}

/** Segments up to which each is handled by a node of its own. */
const maxNodes = 256;

const lastAxis = (x: Value): number => x.shape.length - 1;

/** Parts of the last axis; a part of size 0 is null. */
function splitLast(emit: Emitter, x: Value, sizes: readonly number[]): (Value | null)[] {
  const rows = x.shape.slice(0, -1);
  const present = sizes.filter((size) => size > 0);
  if (present.length === 1) return sizes.map((size) => (size > 0 ? x : null));
  const shapes = present.map((size): [Shape, OnnxType] => [[...rows, size], x.type]);
  const parts = emit.several('Split', [x, emit.integers(present)], shapes, { axis: { int: lastAxis(x) } });
  return sizes.map((size) => (size > 0 ? (parts.shift() ?? null) : null));
}

/** The segment of each element. */
const segmentOf = (sizes: readonly number[]): number[] => sizes.flatMap((size, i) => new Array<number>(size).fill(i));

function segmentBroadcast(emit: Emitter, x: Value, sizes: readonly number[], shape: Shape): Value {
  const rows = x.shape.slice(0, -1);
  if (sizes.every((size) => size === sizes[0])) {
    return emit.reshape(emit.expand(emit.reshape(x, [...x.shape, 1]), [...x.shape, sizes[0]]), shape);
  }
  if (sizes.length <= maxNodes) {
    const values = splitLast(
      emit,
      x,
      sizes.map(() => 1),
    );
    const runs = sizes.map((size, i) => (size > 0 ? emit.expand(values[i] ?? x, [...rows, size]) : null));
    return emit.concat(
      runs.filter((run) => run !== null),
      lastAxis(x),
    );
  }
  const attributes = { axis: { int: lastAxis(x) } };
  return emit.op('Gather', [x], { shape, attributes }, [emit.constant(segmentOf(sizes), 'int32')]);
}

const sumLast = (emit: Emitter, x: Value): Value =>
  emit.op('ReduceSum', [x], { shape: [...x.shape.slice(0, -1), 1] }, [emit.integers([lastAxis(x)])]);

function segmentSum(emit: Emitter, x: Value, sizes: readonly number[], shape: Shape): Value {
  const rows = x.shape.slice(0, -1);
  if (sizes.every((size) => size === sizes[0])) {
    return emit.reshape(sumLast(emit, emit.reshape(x, [...shape, sizes[0]])), shape);
  }
  if (sizes.length <= maxNodes) {
    const parts = splitLast(emit, x, sizes);
    return emit.concat(
      parts.map((part) => (part ? sumLast(emit, part) : emit.zeros([...rows, 1], x.type))),
      lastAxis(x),
    );
  }
  const k = sizes.length;
  const places = Array.from({ length: sizeOf(rows) }, (_, row) => segmentOf(sizes).map((i) => row * k + i)).flat();
  const updates = emit.reshape(x, [places.length, 1]);
  return emit.reshape(scatterRows(emit, sizeOf(shape), emit.integers(places), updates), shape);
}

/** ONNX counts negative indices from the end; ours are refused, so they become one that ONNX refuses too. */
export function unsignedIndices(emit: Emitter, indices: Value, size: number): Value {
  const negative = emit.op('Less', [indices, emit.scalar(0, indices.type)], { shape: indices.shape, type: 'bool' });
  return emit.node('Where', [negative, emit.scalar(size, indices.type), indices], {
    shape: indices.shape,
    type: indices.type,
  });
}

export const indexing: Lowerings<'gather' | 'scatterAdd' | 'segmentBroadcast' | 'segmentSum'> = {
  gather: (emit, [x, indices], { axis }, { shape }) =>
    emit.op('Gather', [x], { shape, attributes: { axis: { int: axis } } }, [
      unsignedIndices(emit, indices, x.shape[axis]),
    ]),

  // rows of the axes before `axis` follow one another in the flat result
  scatterAdd: (emit, [indices, updates], { axis, size }, { shape }) => {
    const before = sizeOf(shape.slice(0, axis));
    const width = sizeOf(shape.slice(axis + 1));
    const n = sizeOf(indices.shape);
    const flat = emit.cast(emit.reshape(indices, [1, n]), 'int64');
    const offsets = emit.constant(
      Array.from({ length: before }, (_, i) => i * size),
      'int64',
      [before, 1],
    );
    const places = before === 1 ? flat : emit.op('Add', [flat, offsets], { shape: [before, n] });
    const rows = emit.reshape(updates, [before * n, width]);
    return emit.reshape(scatterRows(emit, before * size, emit.reshape(places, [before * n]), rows), shape);
  },

  segmentBroadcast: (emit, [x], { sizes }, { shape }) => segmentBroadcast(emit, x, sizes, shape),
  segmentSum: (emit, [x], { sizes }, { shape }) => segmentSum(emit, x, sizes, shape),
};
