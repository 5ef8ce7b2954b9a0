import { concat, constant, full, where, zeros } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** 256 sorted numbers in [-1, 1] or [0, 1] that codes stand for. */
export type Codebook = readonly number[];

/**
 * The dynamic tree map of Dettmers et al. 2022, arXiv:2110.02861, section 2: seven decades up to 1, each with twice the numbers of the one below.
 * Signed: 127 positive numbers, their negatives, 0 and 1. Unsigned: 254, 0 and 1.
 */
export function dynamicMap(signed: boolean): Codebook {
  const positive = Array.from({ length: 7 }, (_, i) => {
    const n = 2 ** (signed ? i : i + 1);
    // Midpoints of n + 1 equally spaced numbers from 0.1 to 1.
    return Array.from({ length: n }, (_, j) => (0.1 + (0.9 * (j + 0.5)) / n) * 10 ** (i - 6));
  }).flat();
  const negative = signed ? positive.map((x) => -x) : [];
  return [...negative, 0, ...positive, 1].sort((a, b) => a - b);
}

/** Equally spaced: 256 numbers on [0, 1], or 255 on [-1, 1] with 0 twice. */
export const linearMap = (signed: boolean): Codebook =>
  Array.from({ length: 256 }, (_, i) => (signed ? (i < 128 ? i - 127 : i - 128) / 127 : i / 255));

/** The same without 0: the code of 0 stands for the next number above. */
export const withoutZero = (book: Codebook): Codebook => {
  const least = Math.min(...book.filter((x) => x > 0));
  return book.map((x) => (x === 0 ? least : x));
};

/** A tensor in 8 bits: the code of each element, uint8 [size], and the largest size in each block of elements, [blocks]. */
export type Quantized = { readonly codes: Tensor; readonly scales: Tensor };

const blocksOf = (size: number, blockSize: number): number => Math.ceil(size / blockSize);

/** [size] as [blocks, blockSize], filled up with zeros. */
function inBlocks(x: Tensor, blockSize: number): Tensor {
  const blocks = blocksOf(x.size, blockSize);
  const missing = blocks * blockSize - x.size;
  return (missing > 0 ? concat([x, zeros([missing], x.dtype)]) : x).reshape([blocks, blockSize]);
}

/** The code of 0 in a block of scale 0. */
export const quantizedZeros = (size: number, blockSize: number, { dtype }: Tensor): Quantized => ({
  codes: zeros([size], 'uint8'),
  scales: zeros([blocksOf(size, blockSize)], dtype),
});

/** Codes low to high of a book whose numbers are equally spaced. */
interface Run {
  readonly low: number;
  readonly high: number;
  /** 1 / spacing; 0 for a run of equal numbers, or of one. */
  readonly density: number;
}

/** A book as a few runs of equally spaced numbers: a dynamic map has one for each decade. */
function runsOf(book: Codebook): Run[] {
  const runs: Run[] = [];
  for (let low = 0; low < book.length; ) {
    const spacing = low + 1 < book.length ? book[low + 1] - book[low] : 0;
    let high = low;
    while (high + 1 < book.length && Math.abs(book[high + 1] - book[high] - spacing) <= 1e-9 * spacing) high++;
    runs.push({ low, high, density: high > low && spacing > 0 ? 1 / spacing : 0 });
    low = high + 1;
  }
  return runs;
}

/**
 * The code of the number of the book that is nearest to each element. Comparisons with the beginnings of runs take half the time of a search
 * by halves through a table of boundaries (10 and 20 ns a number on one thread of WebAssembly).
 */
function nearest(x: Tensor, book: Codebook): Tensor {
  const runs = runsOf(book);
  const beyond = runs.slice(1).map(({ low }) => x.gt((book[low - 1] + book[low]) / 2));
  const ofRun = (value: (run: Run) => number) =>
    runs.slice(1).reduce<Tensor>((chosen, run, i) => where(beyond[i], value(run), chosen), full(x.shape, value(runs[0]), x.dtype)); // biome-ignore format: one line
  // low + (x - book[low]) density, kept in the run: a gap between two of them may be wider than the spacing.
  const place = x.mul(ofRun(({ density }) => density)).add(ofRun(({ low, density }) => low - book[low] * density));
  const [low, high] = [ofRun((run) => run.low), ofRun((run) => run.high)];
  return place.round().maximum(low).minimum(high).cast('int32');
}

/** The codes of the nearest numbers of the book to the elements over the largest size in their block. */
export function quantize(x: Tensor, book: Codebook, blockSize: number): Quantized {
  const blocks = inBlocks(x.reshape([x.size]), blockSize);
  const scales = blocks.abs().max(1);
  const scaled = blocks
    .div(where(scales.gt(0), scales, 1).expandDims(1))
    .reshape([-1])
    .sliceAxis(0, 0, x.size);
  return { codes: nearest(scaled, book).cast('uint8'), scales };
}

/** The numbers that codes stand for, [size]. */
export function dequantize({ codes, scales }: Quantized, book: Codebook, blockSize: number): Tensor {
  const { dtype } = scales;
  const numbers = constant(book, { dtype }).gather(codes.cast('int32'));
  return inBlocks(numbers, blockSize).mul(scales.expandDims(1)).reshape([-1]).sliceAxis(0, 0, codes.size);
}
