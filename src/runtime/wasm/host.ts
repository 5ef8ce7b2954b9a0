import { EngineError } from '../engine.ts';
import { orthonormalize } from './householder.ts';
import type { LinearAlgebra } from './linear-algebra.ts';
import { hostMath } from './scalar.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

type Decomposition = (from: number, to: number, count: number, m: number, n: number, double: number) => void;

/** Matrices are decomposed in float64. */
const eigh =
  (memory: WebAssembly.Memory, algebra: LinearAlgebra): Decomposition =>
  (from, to, count, _, n, double) => {
    const view = double ? Float64Array : Float32Array;
    const x = new view(memory.buffer, from >>> 0, count * n * n);
    const result = new view(memory.buffer, to >>> 0, count * (n + 1) * n);
    for (let matrix = 0; matrix < count; matrix++) {
      const { values, vectors } = symmetricEigen(algebra, x, n, matrix * n * n);
      result.set(values, matrix * (n + 1) * n);
      result.set(vectors, matrix * (n + 1) * n + n);
    }
    algebra.release();
  };

const qr =
  (memory: WebAssembly.Memory, algebra: LinearAlgebra): Decomposition =>
  (from, to, count, m, n, double) => {
    const view = double ? Float64Array : Float32Array;
    const x = new view(memory.buffer, from >>> 0, count * m * n);
    const result = new view(memory.buffer, to >>> 0, count * m * n);
    for (let at = 0; at < count * m * n; at += m * n) orthonormalize(algebra, x, m, n, at, result, at);
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
  throw new Error('only the thread that calls does this');
};

/** Everything that a generated module may import. `share` and what decompositions compute with are for the thread that calls. */
export const hostImports = (
  memory: WebAssembly.Memory,
  share: Share = callerOnly,
  algebra?: LinearAlgebra,
): WebAssembly.ModuleImports => ({
  memory,
  share,
  ...hostMath,
  eigh: algebra ? eigh(memory, algebra) : callerOnly,
  qr: algebra ? qr(memory, algebra) : callerOnly,
  'outside.gather': outside('gather'),
  'outside.scatterAdd': outside('scatterAdd'),
});
