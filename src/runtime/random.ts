import type { Distribution } from '../tensor/attrs.ts';
import type { TypedArray } from './engine.ts';
import type { PhiloxStream } from './philox.ts';
import { createPhiloxRun, runLength } from './philox-simd.ts';

/** Which random numbers: the seed of the run, the name of the stream, and the step of training. */
export interface RandomKey {
  /** Any safe integer. */
  readonly seed: number;
  readonly stream: string;
  /** A whole number below 2^32. */
  readonly step: number;
}

/**
 * The Philox words that stand for a use of a key:
 *
 *   key 0, 1       the lower and upper 32 bits of the seed
 *   counter 0      the number of the block of four words; word i of the stream is word i mod 4 of block floor(i / 4)
 *   counter 1      the step
 *   counter 2, 3   a 64-bit hash of the use (distribution or 'permutation') and the stream's name
 *
 * So numbers depend on seed, stream, step, use and index only, and two uses of one name have nothing in common. Names are told apart
 * by their hash: among a thousand names two meet with a probability of about 3e-14.
 */
function streamOf(use: Distribution | 'permutation', { seed, stream, step }: RandomKey): PhiloxStream {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`random: the seed is ${seed}; it must be a safe integer`);
  if (!Number.isInteger(step) || step < 0 || step >= 2 ** 32) {
    throw new RangeError(`random: the step is ${step}; it must be a whole number in [0, 2^32)`);
  }
  const name = `${use}/${stream}`;
  return {
    key0: (seed % 2 ** 32) | 0,
    key1: Math.floor(seed / 2 ** 32) | 0,
    counter1: step | 0,
    counter2: hash(name, 0x811c9dc5, 0x01000193),
    counter3: hash(name, 0x9747b28c, 0x9e3779b1),
  };
}

/**
 * FNV-1a over UTF-16 code units (Fowler, Noll & Vo) with a given offset basis and multiplier, then the finalizer of MurmurHash3
 * (Appleby 2011), so that names which differ in one character differ in half the bits.
 */
function hash(text: string, basis: number, multiplier: number): number {
  let h = basis | 0;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), multiplier);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Words are drawn in runs of `runLength`, into one array that all calls share. */
const { words, run } = createPhiloxRun();

const writers: { readonly [K in Distribution]: (target: TypedArray, stream: PhiloxStream) => void } = {
  uniform(target, stream) {
    for (let start = 0; start < target.length; start += runLength) {
      const count = draw(target.length - start, start, stream);
      for (let i = 0; i < count; i++) target[start + i] = unit(words[i]);
    }
  },
  normal(target, stream) {
    for (let start = 0; start < target.length; start += runLength) {
      const count = draw(target.length - start, start, stream);
      for (let i = 0; i < count; i += 2) boxMuller(words[i], words[i + 1], target, start + i);
    }
  },
  // One bit a number, from the lowest bit of each word up.
  rademacher(target, stream) {
    for (let start = 0; start < target.length; start += 32 * runLength) {
      const numbers = Math.min(32 * runLength, target.length - start);
      draw(Math.ceil(numbers / 32), start / 32, stream);
      for (let i = 0; i < numbers; i++) target[start + i] = ((words[i >>> 5] >>> (i & 31)) & 1) * 2 - 1;
    }
  },
};

/** Draws up to `runLength` words from word `start` (a multiple of 4) on; says how many. */
function draw(wanted: number, start: number, stream: PhiloxStream): number {
  const count = Math.min(runLength, wanted);
  run(count, start / 4, stream);
  return count;
}

/** The upper 24 bits as a number in [0, 1): float32 holds it exactly. */
const unit = (word: number): number => (word >>> 8) * 2 ** -24;

/**
 * Two normal numbers at `at` and `at + 1` (a write past the end of a typed array does nothing), by Box & Muller, "A note on the generation
 * of random normal deviates", 1958. The radius comes from (word + 1/2) / 2^32, which is neither 0 nor 1: no number is infinite, and none
 * is larger than sqrt(2 ln 2^33) = 6.8. Logarithm, sine and cosine are our own sums of products, which IEEE 754 fixes to the bit, where
 * Math.log, Math.sin and Math.cos may differ from one JavaScript engine to the next; they are faster too.
 */
function boxMuller(first: number, second: number, target: TypedArray, at: number): void {
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

/**
 * Fills an array with independent numbers: uniform in [0, 1) with 24 bits, standard normal, or -1 and 1 with equal chance. The first n
 * numbers do not depend on the array's length, and none on what was drawn before. Allocates nothing that grows with the length.
 */
export function fillRandom(target: TypedArray, distribution: Distribution, key: RandomKey): void {
  writers[distribution](target, streamOf(distribution, key));
}

/**
 * A random order of 0 ... n - 1, by Fisher & Yates (Durstenfeld 1964). The place of each element is floor(word * places / 2^32), which
 * favours some places over others by at most n / 2^32 (2e-5 for a hundred thousand elements).
 */
export function randomPermutation(n: number, key: RandomKey): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  const stream = streamOf('permutation', key);
  for (let i = n - 1, used = 0; i > 0; i--, used++) {
    if (used % runLength === 0) draw(i, used, stream);
    const j = Math.floor((words[used % runLength] >>> 0) * (i + 1) * 2 ** -32);
    const moved = order[i];
    order[i] = order[j];
    order[j] = moved;
  }
  return order;
}
