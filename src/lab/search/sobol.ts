import { fillRandom } from '../../runtime/random.ts';
import { joeKuo } from './joe-kuo.ts';

/** Bits of a coordinate. So many points, 2^32, are there in the sequence. */
const bits = 32;

/** As many dimensions as there are direction numbers here. */
export const sobolDimensions = joeKuo.length + 1;

/** Levels of the random tree of `owenScramble`. */
const levels = 12;

/** 32-bit direction numbers v_1 ... v_32 of a dimension, from 0. In the first one, v_i = 2^(32 - i). */
function directions(dimension: number): Uint32Array {
  const v = Uint32Array.from({ length: bits }, (_, i) => 2 ** (bits - 1 - i));
  if (dimension === 0) return v;
  const { a, m } = joeKuo[dimension - 1];
  const s = m.length;
  m.forEach((number, i) => {
    v[i] = number * 2 ** (bits - 1 - i);
  });
  for (let i = s; i < bits; i++) {
    v[i] = v[i - s] ^ (v[i - s] >>> s);
    for (let k = 1; k < s; k++) if ((a >>> (s - 1 - k)) & 1) v[i] ^= v[i - k];
  }
  return v;
}

/**
 * The first points of a Sobol sequence (Sobol 1967) in the Gray-code order of Antonov & Saleev (1979), as 32-bit fractions, one array
 * for each dimension: x_0 = 0 and x_(n+1) = x_n xor v_c, with c the place, from 1, of the lowest zero bit of n.
 */
function sobolFractions(count: number, dimensions: number): Uint32Array[] {
  if (dimensions > sobolDimensions) {
    throw new RangeError(
      `Sobol points have at most ${sobolDimensions} dimensions here, not ${dimensions}; Halton points have any number`,
    );
  }
  return Array.from({ length: dimensions }, (_, dimension) => {
    const v = directions(dimension);
    const x = new Uint32Array(count);
    for (let n = 0; n + 1 < count; n++) x[n + 1] = x[n] ^ v[lowestZero(n)];
    return x;
  });
}

/** The place of the lowest zero bit, from 0. */
const lowestZero = (n: number): number => 31 - Math.clz32(~n & (n + 1));

const asPoints = (fractions: readonly Uint32Array[], count: number): number[][] =>
  Array.from({ length: count }, (_, i) => fractions.map((x) => x[i] / 2 ** bits));

/** The sequence as it is. Its first point is the corner 0. */
export const sobolPoints = (count: number, dimensions: number): number[][] =>
  asPoints(sobolFractions(count, dimensions), count);

/** Randomised by a digital shift: all coordinates of a dimension are xored with one random number. */
export function shiftedSobolPoints(count: number, dimensions: number, seed: number): number[][] {
  const fractions = sobolFractions(count, dimensions).map((x, dimension) => {
    const shift = randomBits(bits, seed, `sobol/shift/${dimension}`, 0);
    return x.map((fraction) => fraction ^ shift);
  });
  return asPoints(fractions, count);
}

/** Randomised by Owen's nested uniform scrambling, each dimension for itself: every point is uniform in the cube, and the net stays one. */
export function owenSobolPoints(count: number, dimensions: number, seed: number): number[][] {
  const fractions = sobolFractions(count, dimensions).map((x, dimension) =>
    owenScramble(x, seed, `sobol/owen/${dimension}`),
  );
  return asPoints(fractions, count);
}

/**
 * Nested uniform scrambling in base 2 (Owen 1995, "Randomly permuted (t,m,s)-nets and (t,s)-sequences"): each bit is flipped or not by a
 * coin that belongs to the bits above it, so it is a random tree that maps elementary intervals to elementary intervals. The tree has
 * coins for 12 bits; the 20 bits below are xored with a random number of their leaf. Among 2^12 points of a Sobol sequence no two share
 * a leaf in any dimension, so up to there it is Owen's scrambling to the last bit. The first n points do not depend on how many follow.
 */
function owenScramble(x: Uint32Array, seed: number, stream: string): Uint32Array {
  const coins = Array.from({ length: levels }, (_, level) => {
    const flips = new Float32Array(2 ** level);
    fillRandom(flips, 'rademacher', { seed, stream: `search/${stream}`, step: level });
    return flips;
  });
  return x.map((fraction) => {
    const leaf = fraction >>> (bits - levels);
    let scrambled = fraction ^ randomBits(bits - levels, seed, `${stream}/leaf`, leaf);
    for (let level = 0; level < levels; level++) {
      if (coins[level][leaf >>> (levels - level)] > 0) scrambled ^= 1 << (bits - 1 - level);
    }
    return scrambled;
  });
}

const halves = new Float64Array(2);

/** A random whole number of up to 32 bits. The generator's uniform numbers have 24 bits, so two of them make one. */
function randomBits(width: number, seed: number, stream: string, step: number): number {
  fillRandom(halves, 'uniform', { seed, stream: `search/${stream}`, step });
  return (Math.floor(halves[0] * 2 ** 16) * 2 ** 16 + Math.floor(halves[1] * 2 ** 16)) >>> (bits - width);
}
