/**
 * Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011
 * (Random123): ten rounds of a bijection of 128-bit counters, chosen by a 64-bit key. Any block of the stream can be had without the
 * blocks before it, and the generator has no state to save.
 */

export const multiplier0 = 0xd2511f53 | 0;
export const multiplier1 = 0xcd9e8d57 | 0;
/** Key schedule: the golden ratio and sqrt(3) - 1, times 2^32. */
export const weyl0 = 0x9e3779b9 | 0;
export const weyl1 = 0xbb67ae85 | 0;

const low0 = multiplier0 & 0xffff;
const high0 = multiplier0 >>> 16;
const low1 = multiplier1 & 0xffff;
const high1 = multiplier1 >>> 16;

/** The fixed words of a stream: everything but the block number, which is counter word 0. */
export interface PhiloxStream {
  readonly counter1: number;
  readonly counter2: number;
  readonly counter3: number;
  readonly key0: number;
  readonly key1: number;
}

/**
 * Writes consecutive blocks of four 32-bit words from `firstBlock` on, as many as fill `words` (its length a multiple of 4).
 * JavaScript has no 32 by 32 to 64-bit product, so the upper halves are put together from 16-bit pieces.
 */
export function philoxWords(words: Int32Array, firstBlock: number, stream: PhiloxStream): void {
  for (let at = 0; at < words.length; at += 4) {
    let c0 = (firstBlock + (at >>> 2)) | 0;
    let c1 = stream.counter1 | 0;
    let c2 = stream.counter2 | 0;
    let c3 = stream.counter3 | 0;
    let k0 = stream.key0 | 0;
    let k1 = stream.key1 | 0;
    for (let round = 0; round < 10; round++) {
      const a = c0 & 0xffff;
      const b = c0 >>> 16;
      // Neither sum of a 16 by 16-bit product and 16 bits more leaves 32 bits, so no carry is lost.
      const middle0 = (Math.imul(b, low0) + (Math.imul(a, low0) >>> 16)) | 0;
      const cross0 = ((middle0 & 0xffff) + Math.imul(a, high0)) | 0;
      const upper0 = (Math.imul(b, high0) + (middle0 >>> 16) + (cross0 >>> 16)) | 0;

      const d = c2 & 0xffff;
      const e = c2 >>> 16;
      const middle1 = (Math.imul(e, low1) + (Math.imul(d, low1) >>> 16)) | 0;
      const cross1 = ((middle1 & 0xffff) + Math.imul(d, high1)) | 0;
      const upper1 = (Math.imul(e, high1) + (middle1 >>> 16) + (cross1 >>> 16)) | 0;

      const lower0 = Math.imul(c0, multiplier0);
      const lower1 = Math.imul(c2, multiplier1);
      c0 = upper1 ^ c1 ^ k0;
      c1 = lower1;
      c2 = upper0 ^ c3 ^ k1;
      c3 = lower0;
      k0 = (k0 + weyl0) | 0;
      k1 = (k1 + weyl1) | 0;
    }
    words[at] = c0;
    words[at + 1] = c1;
    words[at + 2] = c2;
    words[at + 3] = c3;
  }
}
