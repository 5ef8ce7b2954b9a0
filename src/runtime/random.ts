import type { Distribution } from '../tensor/attrs.ts';
import { boxMuller } from './box-muller.ts';
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
