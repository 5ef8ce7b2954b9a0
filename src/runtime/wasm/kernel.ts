import { sizeOf } from '../../tensor/shape.ts';
import type { DecompositionValue, LstmValue, MatmulValue, Value } from './ir.ts';
import type { LoopKernel, Split } from './loop.ts';
import { type Blocks, lstmBytes } from './lstm.ts';
import { panelBytes, type Tiling } from './tile.ts';

export interface MatmulKernel {
  readonly kind: 'matmul';
  readonly value: MatmulValue;
  readonly tiling: Tiling;
  readonly split: Split | null;
}

export interface LstmKernel {
  readonly kind: 'lstm';
  readonly value: LstmValue;
  readonly blocks: Blocks;
  readonly split: Split | null;
}

/** Decompositions of which none reads another. Its items are their matrices, one value after the other. */
export interface DecompositionsKernel {
  readonly kind: 'decompositions';
  readonly values: readonly DecompositionValue[];
  readonly split: Split | null;
}

/** A kernel of another kind: gather, pooling, ... */
export interface SpecialKernel {
  readonly kind: 'special';
  readonly value: Value;
  readonly split: Split | null;
}
export type Kernel = LoopKernel | MatmulKernel | LstmKernel | DecompositionsKernel | SpecialKernel;

/** How many matrices a value decomposes. */
export const matricesOf = ({ x: { shape } }: DecompositionValue): number => sizeOf(shape.slice(0, -2));

/** Bytes of the workspace that each thread needs while it computes a kernel: panels of a product, what an LSTM hands from step to step. */
export const ownBytes = (kernel: MatmulKernel | LstmKernel): number =>
  kernel.kind === 'matmul' ? panelBytes(kernel.value, kernel.tiling) : lstmBytes(kernel.value, kernel.blocks);

/** The function of kernel `i` in its module; exported when threads share it. */
export const kernelName = (i: number): string => `kernel${i}`;
