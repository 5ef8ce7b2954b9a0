/** Uniform in [0, 1): mulberry32, small, and the same everywhere. */
export function generator(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** n numbers, uniform in [-1/2, 1/2). */
export const numbers = (n: number, seed: number): Float32Array<ArrayBuffer> => {
  const random = generator(seed);
  return Float32Array.from({ length: n }, () => random() - 0.5);
};
