import { fillRandom } from '../../runtime/random.ts';
import { firstPrimes } from './primes.ts';

/** The van der Corput number of i: its digits in a base, mirrored at the point. `digits` permutes them. */
export function radicalInverse(i: number, base: number, digits?: ArrayLike<number>): number {
  let value = 0;
  for (let rest = i, unit = 1 / base; rest > 0; rest = Math.floor(rest / base), unit /= base) {
    const digit = rest % base;
    value += (digits ? digits[digit] : digit) * unit;
  }
  return value;
}

/** One random number in [0, 1) for each dimension. */
export function randomShifts(dimensions: number, seed: number): Float64Array {
  const shift = new Float64Array(dimensions);
  fillRandom(shift, 'uniform', { seed, stream: 'search/shift', step: 0 });
  return shift;
}

/**
 * The sequence of Halton (1960): dimension j holds the van der Corput numbers of 0, 1, 2, ... in the j-th prime. Each dimension is
 * shifted, modulo 1, by a random number (Cranley & Patterson 1976), so that no seed is special and a mean over seeds is unbiased.
 */
export function haltonPoints(count: number, dimensions: number, seed: number): number[][] {
  const bases = firstPrimes(dimensions);
  const shift = randomShifts(dimensions, seed);
  return Array.from({ length: count }, (_, i) => bases.map((base, j) => (radicalInverse(i, base) + shift[j]) % 1));
}
