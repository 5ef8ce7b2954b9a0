import { EngineError, type TypedArray } from '../engine.ts';
import { orthonormalize } from './householder.ts';
import type { LinearAlgebra } from './linear-algebra.ts';
import { hostMath } from './scalar.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

/** Decomposes number `matrix` of the matrices of x, each m by n. */
type Decompose = (
  algebra: LinearAlgebra,
  x: TypedArray,
  m: number,
  n: number,
  matrix: number,
  result: TypedArray,
) => void;

const eigh: Decompose = (algebra, x, _, n, matrix, result) =>
  symmetricEigen(algebra, x, n, matrix * n * n, result, matrix * (n + 1) * n);

const qr: Decompose = (algebra, x, m, n, matrix, result) =>
  orthonormalize(algebra, x, m, n, matrix * m * n, result, matrix * m * n);

/** Decomposes, in float64, those of `count` matrices that lie in [from, to). */
const decomposition =
  (memory: WebAssembly.Memory, algebra: LinearAlgebra, decompose: Decompose) =>
  (x: number, result: number, count: number, from: number, to: number, m: number, n: number, double: number): void => {
    const view = double ? Float64Array : Float32Array;
    const [source, target] = [x, result].map((at) => new view(memory.buffer, at >>> 0));
    for (let matrix = Math.max(0, from); matrix < Math.min(count, to); matrix++) {
      decompose(algebra, source, m, n, matrix, target);
    }
    algebra.release();
  };

const outside =
  (op: string) =>
  (index: number, size: number): never => {
    throw new EngineError(`${op}: index ${index} lies outside [0, ${size})`);
  };

/** Has kernel number `kernel` computed by all threads. */
export type Share = (kernel: number, frame: number) => void;

const callerOnly = (): never => {
  throw new Error('only the thread that calls shares work');
};
const missing = (): never => {
  throw new Error('this program was said to decompose nothing');
};

/** Everything that a generated module may import. `share` is for the thread that calls; `algebra` is its thread's own. */
export const hostImports = (
  memory: WebAssembly.Memory,
  share: Share = callerOnly,
  algebra?: LinearAlgebra,
): WebAssembly.ModuleImports => ({
  memory,
  share,
  ...hostMath,
  eigh: algebra ? decomposition(memory, algebra, eigh) : missing,
  qr: algebra ? decomposition(memory, algebra, qr) : missing,
  'outside.gather': outside('gather'),
  'outside.scatterAdd': outside('scatterAdd'),
});
