import type { Leaf } from '../../tensor/bundle.ts';
import type { DType } from '../../tensor/dtype.ts';
import { zeros } from '../../tensor/functions.ts';
import type { Operand, Tensor } from '../../tensor/tensor.ts';
import { sides } from './as-matrix.ts';
import { fromBlocks, toBlocks } from './blocks.ts';
import { inverseRoot } from './inverse-root.ts';

/** Statistics of one block [r, c] and their inverse roots: L, rootL [r, r]; R, rootR [c, c]. */
export type Factors = { readonly L: Tensor; readonly R: Tensor; readonly rootL: Tensor; readonly rootR: Tensor };

/** Zero statistics for every block of one matrix, row by row. */
export function initFactors(leaf: Leaf, dtype: DType, blockSize: number): Factors[] {
  const { rows, columns } = sides(leaf);
  const square = (n: number) => zeros([n, n], dtype);
  return toBlocks(zeros([rows, columns], dtype), blockSize)
    .flat()
    .map(({ shape: [r, c] }) => ({ L: square(r), R: square(c), rootL: square(r), rootR: square(c) }));
}

export interface KroneckerOptions {
  readonly blockSize: number;
  /** Statistics are keep * old + take * new ... */
  readonly keep: Operand;
  readonly take: Operand;
  /** ... and divided by this before a root is taken. */
  readonly correction: Operand;
  readonly exponent: Tensor;
  readonly eps: Tensor;
  /** Take new roots at this step? */
  readonly refresh: boolean;
}

/**
 * Shampoo's preconditioner, block by block: L <- keep L + take g g', R <- keep R + take g' g, and L^(-exponent) direction R^(-exponent).
 * `finish` has the last word on each block.
 */
export function precondition(
  g: Tensor,
  direction: Tensor,
  old: readonly Factors[],
  { blockSize, keep, take, correction, exponent, eps, refresh }: KroneckerOptions,
  finish: (block: Tensor, at: readonly [row: number, column: number]) => Tensor = (block) => block,
): [direction: Tensor, factors: Factors[]] {
  const directions = toBlocks(direction, blockSize);
  const factors: Factors[] = [];
  const blocks = toBlocks(g, blockSize).map((row, i) =>
    row.map((block, j) => {
      const last = old[factors.length];
      const L = last.L.mul(keep).add(block.matmul(block, { transposeB: true }).mul(take));
      const R = last.R.mul(keep).add(block.matmul(block, { transposeA: true }).mul(take));
      const root = (statistics: Tensor) => inverseRoot(statistics.div(correction), exponent, eps);
      const rootL = refresh ? root(L) : last.rootL;
      const rootR = refresh ? root(R) : last.rootR;
      factors.push({ L, R, rootL, rootR });
      return finish(rootL.matmul(directions[i][j]).matmul(rootR), [i, j]);
    }),
  );
  return [fromBlocks(blocks), factors];
}
