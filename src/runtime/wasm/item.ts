import type { AssembleValue, Part, PointwiseValue, ReduceValue, SegmentSumValue, Value } from './ir.ts';

/** One step of a loop body: computes a value for each element, or places it. */
export type Item =
  | { readonly kind: 'compute'; readonly value: PointwiseValue | ReduceValue | SegmentSumValue }
  | { readonly kind: 'part'; readonly value: AssembleValue; readonly part: Part }
  | { readonly kind: 'fill'; readonly value: AssembleValue }
  | { readonly kind: 'special'; readonly value: Value };
