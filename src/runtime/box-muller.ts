import type { TypedArray } from './engine.ts';

/**
 * Two normal numbers at `at` and `at + 1` (a write past the end of a typed array does nothing), by Box & Muller, "A note on the generation
 * of random normal deviates", 1958. The radius comes from (word + 1/2) / 2^32, which is neither 0 nor 1: no number is infinite, and none
 * is larger than sqrt(2 ln 2^33) = 6.8. Logarithm, sine and cosine are our own sums of products, which IEEE 754 fixes to the bit, where
 * Math.log, Math.sin and Math.cos may differ from one JavaScript engine to the next; they are faster too.
 */
export function boxMuller(first: number, second: number, target: TypedArray, at: number): void {
  const radius = Math.sqrt(-2 * logarithm(first));
  // The angle 2 pi second / 2^32 is a number of right angles and a rest x of at most pi / 4 either way.
  const quarter = (second + 0x20000000) >>> 30;
  const x = ((second - (quarter << 30)) | 0) * (Math.PI * 2 ** -31);
  const y = x * x;
  const sine = x * (1 + y * (s3 + y * (s5 + y * (s7 + y * (s9 + y * (s11 + y * s13))))));
  const cosine = 1 + y * (c2 + y * (c4 + y * (c6 + y * (c8 + y * (c10 + y * (c12 + y * c14))))));
  const across = (quarter & 1) === 0 ? cosine : -sine;
  const up = (quarter & 1) === 0 ? sine : cosine;
  const signed = quarter < 2 ? radius : -radius;
  target[at] = signed * across;
  target[at + 1] = signed * up;
}

// Taylor coefficients; what is left out is below 1e-13 for |x| <= pi / 4.
const [s3, s5, s7, s9, s11, s13] = [-1 / 6, 1 / 120, -1 / 5040, 1 / 362880, -1 / 39916800, 1 / 6227020800];
const [c2, c4, c6, c8, c10, c12, c14] = [-1 / 2, 1 / 24, -1 / 720, 1 / 40320, -1 / 3628800, 1 / 479001600, -1 / 87178291200]; // biome-ignore format: one line

const powersOfHalf = Float64Array.from({ length: 33 }, (_, i) => 2 ** -i);

/**
 * log((word + 1/2) / 2^32). The odd integer 2 word + 1 is m 2^e with m in [1/sqrt 2, sqrt 2), and log m = 2 atanh((m - 1) / (m + 1)), whose
 * series is cut where it falls below 1e-15.
 */
function logarithm(word: number): number {
  let exponent = 32 - Math.clz32(word);
  let m = (2 * (word >>> 0) + 1) * powersOfHalf[exponent];
  if (m > Math.SQRT2) {
    m *= 0.5;
    exponent++;
  }
  const s = (m - 1) / (m + 1);
  const y = s * s;
  const tail =
    y * (1 / 3 + y * (1 / 5 + y * (1 / 7 + y * (1 / 9 + y * (1 / 11 + y * (1 / 13 + y * (1 / 15 + y / 17)))))));
  return (exponent - 33) * Math.LN2 + 2 * s * (1 + tail);
}
