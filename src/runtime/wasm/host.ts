import { EngineError } from '../engine.ts';
import { hostMath } from './scalar.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

/** Symmetric matrices are decomposed in float64. */
const eigh =
  (memory: WebAssembly.Memory) =>
  (from: number, to: number, count: number, n: number, double: number): void => {
    const view = double ? Float64Array : Float32Array;
    const x = new view(memory.buffer, from >>> 0, count * n * n);
    const result = new view(memory.buffer, to >>> 0, count * (n + 1) * n);
    for (let matrix = 0; matrix < count; matrix++) {
      const { values, vectors } = symmetricEigen(x, n, matrix * n * n);
      result.set(values, matrix * (n + 1) * n);
      result.set(vectors, matrix * (n + 1) * n + n);
    }
  };

const outside =
  (op: string) =>
  (index: number, size: number): never => {
    throw new EngineError(`${op}: index ${index} lies outside [0, ${size})`);
  };

/** Has kernel number `kernel` computed by all threads. */
export type Share = (kernel: number, frame: number) => void;

const alone: Share = () => {
  throw new Error('only the thread that calls shares its work');
};

/** Everything that a generated module may import. `share` is for the thread that calls. */
export const hostImports = (memory: WebAssembly.Memory, share: Share = alone): WebAssembly.ModuleImports => ({
  memory,
  share,
  ...hostMath,
  eigh: eigh(memory),
  'outside.gather': outside('gather'),
  'outside.scatterAdd': outside('scatterAdd'),
});
