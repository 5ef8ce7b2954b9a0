import type { Value } from './ir.ts';
import type { LoopKernel } from './loop.ts';

/** A kernel that is no fused loop: matmul, gather, pooling, ... */
export interface SpecialKernel {
  readonly kind: 'special';
  readonly value: Value;
}
export type Kernel = LoopKernel | SpecialKernel;
