import type { MatmulValue, Value } from './ir.ts';
import type { LoopKernel, Split } from './loop.ts';
import type { Tiling } from './tile.ts';

export interface MatmulKernel {
  readonly kind: 'matmul';
  readonly value: MatmulValue;
  readonly tiling: Tiling;
  readonly split: Split | null;
}

/** A kernel of another kind: gather, pooling, ... */
export interface SpecialKernel {
  readonly kind: 'special';
  readonly value: Value;
  readonly split: Split | null;
}
export type Kernel = LoopKernel | MatmulKernel | SpecialKernel;

/** The function of kernel `i` in its module; exported when threads share it. */
export const kernelName = (i: number): string => `kernel${i}`;
