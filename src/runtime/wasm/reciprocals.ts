import { sizeOf } from '../../tensor/shape.ts';
import { define, type PointwiseValue } from './ir.ts';
import type { Access, LoopKernel, Source, Step } from './loop.ts';

/** Loops of fewer elements divide as they are told. */
const worthwhile = 64;
/** Rows of fewer are divided as they are told too. */
const shortest = 16;

/**
 * Divides 1 by what stays the same in the innermost loop of float32 numbers, once, and multiplies by that: a division takes as long as ten
 * products. Results may be an ulp apart from those of a division.
 */
export function withReciprocals(kernel: LoopKernel): LoopKernel {
  if (sizeOf(kernel.dims) < worthwhile) return kernel;
  const loads: Access[] = [...kernel.loads];
  const steps: Step[] = [];
  /** Where a step of the old body is in the new one. */
  const moved: number[] = [];
  const { dims, folds } = kernel;
  const inner = dims.length - 1;
  const rows = dims[inner] >= shortest && !kernel.segments && (folds[inner] || !folds.includes(true));
  /** Of each new step: is it the same for all elements, or those of a row? */
  const uniform: boolean[] = [];
  const inverses = new Map<string, Source>();
  const now = (source: Source): Source => ('load' in source ? source : { step: moved[source.step] });
  const isUniform = (source: Source): boolean => {
    if ('step' in source) return uniform[source.step];
    const { strides, segmentStride, value } = loads[source.load];
    if (value.kind === 'iota' || segmentStride !== 0) return false;
    return rows ? strides[inner] === 0 : strides.every((stride) => stride === 0);
  };
  const add = (step: Step): number => {
    uniform.push(step.args.every(isUniform));
    return steps.push(step) - 1;
  };

  const inverse = (of: Source, value: PointwiseValue): Source => {
    const key = JSON.stringify(of);
    let found = inverses.get(key);
    if (!found) {
      const one = define({ kind: 'constant', values: [1], shape: [], dtype: 'float32' }).value;
      const load = loads.push({ value: one, offset: 0, strides: kernel.dims.map(() => 0), segmentStride: 0 }) - 1;
      found = { step: add({ value, args: [{ load }, of] }) };
      inverses.set(key, found);
    }
    return found;
  };

  for (const { value, args: old } of kernel.steps) {
    const args = old.map(now);
    const [x, divisor] = args;
    if (value.op === 'div' && value.dtype === 'float32' && isUniform(divisor) && !isUniform(x)) {
      const product: PointwiseValue = { ...value, op: 'mul' };
      const by = inverse(divisor, value);
      moved.push(add({ value: product, args: [x, by] }));
    } else moved.push(add({ value, args }));
  }
  const following = <S extends { readonly source: Source }>(store: S): S => ({ ...store, source: now(store.source) });
  return { ...kernel, loads, steps, stores: kernel.stores.map(following), results: kernel.results.map(following) };
}
