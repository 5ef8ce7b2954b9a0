import { sizeOf } from '../../tensor/shape.ts';
import { attentionLayout } from './attention.ts';
import type { AttentionValue, DecompositionValue, LstmValue, MatmulValue, Value } from './ir.ts';
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

export interface AttentionKernel {
  readonly kind: 'attention';
  readonly value: AttentionValue;
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
export type Kernel = LoopKernel | WorkspaceKernel | DecompositionsKernel | SpecialKernel;

/** A kernel for which each thread has memory of its own. */
export type WorkspaceKernel = MatmulKernel | LstmKernel | AttentionKernel;

/** How many matrices a value decomposes. */
export const matricesOf = ({ x: { shape } }: DecompositionValue): number => sizeOf(shape.slice(0, -2));

/** Bytes of that memory: panels of a product, what an LSTM hands from step to step, the matrices of a head. */
export function ownBytes(kernel: WorkspaceKernel): number {
  if (kernel.kind === 'matmul') return panelBytes(kernel.value, kernel.tiling);
  return kernel.kind === 'lstm' ? lstmBytes(kernel.value, kernel.blocks) : attentionLayout(kernel.value).bytes;
}

export const hasWorkspace = (kernel: Kernel): kernel is WorkspaceKernel =>
  kernel.kind === 'matmul' || kernel.kind === 'lstm' || kernel.kind === 'attention';

/** The function of kernel `i` in its module; exported when threads share it. */
export const kernelName = (i: number): string => `kernel${i}`;
