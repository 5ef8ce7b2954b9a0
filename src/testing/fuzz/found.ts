import { concat } from '../../tensor/functions.ts';
import { apply, type Tensor } from '../../tensor/tensor.ts';
import type { CaseInput } from '../op-case.ts';

/** A program that was once computed wrongly: what `npm run fuzz` prints. */
export interface FoundProgram {
  readonly name: string;
  readonly inputs: readonly (CaseInput & { readonly values: readonly number[] })[];
  /** For each output the input that it is written over; null: none. */
  readonly over?: readonly (number | null)[];
  readonly build: (...inputs: Tensor[]) => Tensor[];
}

/** What the fuzzer found, and was repaired. */
export const found: readonly FoundProgram[] = [
  {
    name: 'eigenvalues of known numbers, where every program is cut into stages',
    inputs: [],
    build: () => {
      const known = apply('iota', [], { axis: 0, shape: [1, 1], dtype: 'float64' });
      const packed = apply('eigh', [known], {});
      return [apply('tanh', [packed.sliceAxis(0, 1, 2)], {})];
    },
  },
  {
    name: 'an output over an input that is a piece of a concatenation, in stages',
    inputs: [{ shape: [2], values: [2, -1.5] }],
    over: [0, null],
    build: (x) => [apply('iota', [], { axis: 0, shape: [2], dtype: 'float32' }).tanh(), concat([x, x]).ceil()],
  },
  {
    name: 'a concatenation of known numbers, in stages',
    inputs: [],
    build: () => {
      const one = apply('constant', [], { values: [2], shape: [], dtype: 'float32' }).reshape([1]);
      return [concat([concat([one, one]), one])];
    },
  },
  {
    name: 'the adjoint of a pool whose unpooled image would be smaller than its padding',
    inputs: [
      { shape: [1, 1, 3, 2], values: [-1, -2, 2, 0, -2, -1] },
      { shape: [1, 1, 2, 1], values: [3, 5] },
    ],
    build: (x, dy) => [
      apply('maxPoolScatter', [x, dy], { window: [2, 2], stride: [2, 3], padding: [[1, 0], [1, 1]] }),
    ], // biome-ignore format: one line
  },
  {
    name: 'a factor of a batched product that is no float32 number, in float64',
    inputs: [
      { shape: [2, 2, 3], dtype: 'float64', values: [1, -2, 0.5, 2, 1, -1, 3, 0, 1, -1, 2, 1] },
      { shape: [2, 3, 2], dtype: 'float64', values: [1, 2, -1, 0.5, 2, 1, 1, 1, -2, 0, 3, -1] },
    ],
    build: (x0, x1) => {
      const y0 = apply('matmul', [x0, x1], { transposeA: false, transposeB: false }); // float64[2,2,2]
      return [y0.mul(1 / Math.sqrt(5))];
    },
  },
];
