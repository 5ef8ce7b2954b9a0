import { randomPermutation } from '../../runtime/random.ts';
import { radicalInverse, randomShifts } from './halton.ts';
import { lastPrimesBelow } from './primes.ts';

/** Points that the benchmark drops from the beginning of the sequence. */
const skip = 100;

/** The largest base below 1000, 997, is left out there too. */
const bound = 997;

/**
 * The generator of the AlgoPerf benchmark (Dahl et al. 2023, arXiv:2306.07179; `halton.py` of its code): Halton numbers in the primes
 * just below 1000, digits permuted by the base, the first 100 points dropped, each dimension shifted by a random number, the points
 * shuffled. The rules are the benchmark's; the random numbers are ours.
 */
export function algoperfPoints(count: number, dimensions: number, seed: number): number[][] {
  const bases = lastPrimesBelow(bound, dimensions);
  const digits = bases.map(shuffledDigits);
  const shift = randomShifts(dimensions, seed);
  const order = randomPermutation(count, { seed, stream: 'search/order', step: 0 });
  return Array.from(order, (i) =>
    bases.map((base, j) => (radicalInverse(i + 1 + skip, base, digits[j]) + shift[j]) % 1),
  );
}

/** 0 stays; the other digits are shuffled by the base alone. */
function shuffledDigits(base: number): number[] {
  const order = randomPermutation(base - 1, { seed: base, stream: 'search/digits', step: 0 });
  return [0, ...Array.from(order, (digit) => digit + 1)];
}
