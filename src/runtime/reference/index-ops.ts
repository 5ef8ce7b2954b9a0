import { sizeOf } from '../../tensor/shape.ts';
import { EngineError } from '../engine.ts';
import { generate, type NdArray, type Rule, type Rules, zeros } from './array.ts';

/** Refuses an index outside [0, size). */
export function checkIndices(op: string, indices: NdArray, size: number): void {
  const bad = indices.data.findIndex((index) => index < 0 || index >= size);
  if (bad >= 0) throw new EngineError(`${op}: index ${indices.data[bad]} lies outside [0, ${size})`);
}

/** x and result seen as [outer, axis, inner]. */
const gather: Rule<'gather'> = ([x, indices], { axis }, node) => {
  checkIndices('gather', indices, x.shape[axis]);
  const inner = sizeOf(x.shape.slice(axis + 1));
  const count = indices.data.length;
  return generate(node, (i) => {
    const [outer, k, rest] = [Math.floor(i / (count * inner)), Math.floor(i / inner) % count, i % inner];
    return x.data[(outer * x.shape[axis] + indices.data[k]) * inner + rest];
  });
};

/** The same walk the other way: every element of the updates is added where gather would have read it. */
const scatterAdd: Rule<'scatterAdd'> = ([indices, updates], { axis, size }, node) => {
  checkIndices('scatterAdd', indices, size);
  const inner = sizeOf(node.shape.slice(axis + 1));
  const count = indices.data.length;
  const result = zeros(node);
  for (let i = 0; i < updates.data.length; i++) {
    const [outer, k, rest] = [Math.floor(i / (count * inner)), Math.floor(i / inner) % count, i % inner];
    result.data[(outer * size + indices.data[k]) * inner + rest] += updates.data[i];
  }
  return result;
};

const iota: Rule<'iota'> = (_, { axis, shape }, node) => {
  const inner = sizeOf(shape.slice(axis + 1));
  return generate(node, (i) => Math.floor(i / inner) % shape[axis]);
};

export const indexing: Rules<'gather' | 'scatterAdd' | 'iota' | 'constant'> = {
  gather,
  scatterAdd,
  iota,
  constant: (_, { values }, node) => generate(node, (i) => values[i]),
};
