import type { ConstantValue, Value } from './ir.ts';

/** Single numbers become part of a fused loop's code; other constants lie in memory. */
export const isImmediate = (value: Value): value is ConstantValue =>
  value.kind === 'constant' && value.values.length === 1;
