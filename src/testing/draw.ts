import { isFloat } from '../tensor/dtype.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { CaseInput, OpCase } from './op-case.ts';

/** Uniform numbers in [0, 1) from a 32-bit state: the mulberry32 generator of T. Ettinger (2017, public domain). For tests only. */
export function testRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

function domainOf({ dtype, domain }: CaseInput): readonly [number, number] {
  if (domain) return domain;
  if (dtype === 'bool') return [0, 1];
  return dtype === 'uint8' ? [0, 255] : [-2, 2];
}

/**
 * The numbers of each input of a case, row-major, the same for the same seed. Float numbers are rounded to float32, whatever the dtype,
 * so that every engine starts from the same ones; integers are drawn from both ends of the domain and all between.
 */
export function caseInputs({ inputs }: OpCase, seed = 0): number[][] {
  return inputs.map((input, position) => {
    const float = isFloat(input.dtype ?? 'float32');
    if (input.values) {
      if (input.values.length !== sizeOf(input.shape)) throw new Error(`input ${position}: wrong number of values`);
      return float ? input.values.map(Math.fround) : [...input.values];
    }
    const random = testRandom(Math.imul(seed + 1, 0x9e3779b1) + Math.imul(position + 1, 0x85ebca6b));
    const [low, high] = domainOf(input);
    const draw = float
      ? () => Math.fround(low + (high - low) * random())
      : () => low + Math.floor((high - low + 1) * random());
    return Array.from({ length: sizeOf(input.shape) }, draw);
  });
}

/**
 * `count` different numbers in scrambled order, `gap` apart and at least half a gap away from 0: inputs for functions with kinks at 0
 * or at ties, which are smooth between these numbers.
 */
export function distinct(count: number, gap = 0.1): number[] {
  let step = Math.max(1, Math.floor(count * 0.618));
  while (greatestCommonDivisor(step, count) !== 1) step++;
  return Array.from({ length: count }, (_, i) => (((i * step + 1) % count) - Math.floor(count / 2) + 0.5) * gap);
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));
