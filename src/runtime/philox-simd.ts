import { multiplier0, multiplier1, type PhiloxStream, philoxWords, weyl0, weyl1 } from './philox.ts';

/** Words that one call can write; a multiple of 16, the four blocks that a SIMD step makes at once. */
export const runLength = 4096;

/** Writes the first `count` words (at most `runLength`; a few more may be written too) of the stream from `firstBlock` on. */
export type PhiloxRun = (count: number, firstBlock: number, stream: PhiloxStream) => void;

// The few instructions that the kernel needs, as bytes (WebAssembly Core Specification 2.0, chapter 5).
const i32 = 0x7f;
const v128 = 0x7b;
const localGet = (index: number): number[] => [0x20, index];
const localSet = (index: number): number[] => [0x21, index];
const i32Const = (value: number): number[] => [0x41, ...signedLeb(value)];
const i32Add = [0x6a];
const splat = [0xfd, 0x11];
const add = [0xfd, 0xae, 0x01];
const xor = [0xfd, 0x51];
/** Products of the two lower (or upper) lanes as unsigned 64-bit numbers: the instruction that JavaScript has no match for. */
const extendedProduct = { low: [0xfd, 0xde, 0x01], high: [0xfd, 0xdf, 0x01] };
const store = (offset: number): number[] => [0xfd, 0x0b, 4, offset];
/** Four 32-bit lanes out of the eight of two vectors. */
const shuffle = (...lanes: number[]): number[] => [0xfd, 0x0d, ...lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte))]; // biome-ignore format: one line

function signedLeb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value | 0; ; rest >>= 7) {
    const byte = rest & 0x7f;
    const last = (rest >> 6 === 0 && rest >= 0) || (rest >> 6 === -1 && rest < 0);
    bytes.push(last ? byte : byte | 0x80);
    if (last) return bytes;
  }
}

const unsignedLeb = (value: number): number[] => (value < 128 ? [value] : [(value & 0x7f) | 0x80, ...unsignedLeb(value >>> 7)]); // biome-ignore format: one line
const vector = (items: readonly (readonly number[])[]): number[] => [...unsignedLeb(items.length), ...items.flat()];
const section = (id: number, body: readonly number[]): number[] => [id, ...unsignedLeb(body.length), ...body];

/** Local variables: seven parameters, the place to write, then vectors. */
const L = { end: 0, first: 1, counters: [2, 3, 4], keys: [5, 6], at: 7, c: [8, 9, 10, 11], low: 12, high: 13, next: 14, keyOf: 15 }; // biome-ignore format: one line
const rounds = 10;

/** One round on four blocks at once: c holds word j of each block in vector j. */
function round(index: number): number[] {
  const [c0, c1, c2, c3] = L.c;
  const products = (word: number, multiplier: number): number[] =>
    (['low', 'high'] as const).flatMap((half) => [
      ...localGet(word),
      ...i32Const(multiplier),
      ...splat,
      ...extendedProduct[half],
      ...localSet(L[half]),
    ]);
  const lower = [...localGet(L.low), ...localGet(L.high), ...shuffle(0, 2, 4, 6)];
  const upper = [...localGet(L.low), ...localGet(L.high), ...shuffle(1, 3, 5, 7)];
  const key = (which: number): number[] => localGet(L.keyOf + 2 * index + which);
  return [
    ...products(c2, multiplier1),
    ...[...upper, ...localGet(c1), ...xor, ...key(0), ...xor, ...localSet(L.next)],
    ...[...lower, ...localSet(c1)],
    ...products(c0, multiplier0),
    ...[...upper, ...localGet(c3), ...xor, ...key(1), ...xor, ...localSet(c2)],
    ...[...lower, ...localSet(c3)],
    ...[...localGet(L.next), ...localSet(c0)],
  ];
}

/** Writes the four blocks one after the other: a transpose of the 4 by 4 words. */
function writeBlocks(): number[] {
  const [c0, c1, c2, c3] = L.c;
  const block = (b: number): number[] => [
    ...localGet(L.at),
    ...[...localGet(c0), ...localGet(c1), ...shuffle(b, 4 + b, b, 4 + b)],
    ...[...localGet(c2), ...localGet(c3), ...shuffle(b, 4 + b, b, 4 + b)],
    ...shuffle(0, 1, 4, 5),
    ...store(16 * b),
  ];
  return [0, 1, 2, 3].flatMap(block);
}

/** (end, first, counter 1, counter 2, counter 3, key 0, key 1): fills the memory from 0 to byte `end`, in steps of 64 bytes. */
function kernel(): number[] {
  const keys = Array.from({ length: rounds }, (_, index) =>
    [weyl0, weyl1].map((weyl, which) => [
      ...[...localGet(L.keys[which]), ...i32Const(Math.imul(weyl, index)), ...i32Add, ...splat],
      ...localSet(L.keyOf + 2 * index + which),
    ]),
  ).flat(2);
  const lanes = [0xfd, 0x0c, ...[0, 1, 2, 3].flatMap((lane) => [lane, 0, 0, 0])];
  const load = [
    ...[...localGet(L.first), ...splat, ...lanes, ...add, ...localSet(L.c[0])],
    ...L.counters.flatMap((counter, i) => [...localGet(counter), ...splat, ...localSet(L.c[i + 1])]),
  ];
  const advance = [
    ...[...localGet(L.first), ...i32Const(4), ...i32Add, ...localSet(L.first)],
    ...[...localGet(L.at), ...i32Const(64), ...i32Add, ...localSet(L.at)],
  ];
  const loop = [
    ...[0x03, 0x40], // loop
    ...load,
    ...Array.from({ length: rounds }, (_, index) => round(index)).flat(),
    ...writeBlocks(),
    ...advance,
    ...[...localGet(L.at), ...localGet(L.end), 0x49, 0x0d, 0], // i32.lt_u, br_if 0
    0x0b,
  ];
  const locals = vector([
    [1, i32],
    [7 + 2 * rounds, v128],
  ]);
  return [...locals, ...keys, ...loop, 0x0b];
}

/** A module with the kernel 'fill' and one page of memory, 'words'. */
function moduleBytes(): Uint8Array<ArrayBuffer> {
  const name = (text: string): number[] => [text.length, ...new TextEncoder().encode(text)];
  const body = kernel();
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector([[0x60, ...vector(new Array(7).fill([i32])), 0]])),
    ...section(3, vector([[0]])),
    ...section(5, vector([[0, 1]])),
    ...section(7, vector([[...name('fill'), 0, 0], [...name('words'), 2, 0]])), // biome-ignore format: one line
    ...section(10, vector([[...unsignedLeb(body.length), ...body]])),
  ]);
}

type Fill = (end: number, first: number, c1: number, c2: number, c3: number, k0: number, k1: number) => void;

/**
 * Philox on SIMD lanes, four blocks at once, and the array that it writes to; the same words as `philoxWords`, which takes over where
 * the machine has no WebAssembly SIMD. `bench/random.ts` measures what it buys: 3 ns a word instead of 24 on the build machine.
 */
export function createPhiloxRun(): { words: Int32Array; run: PhiloxRun } {
  const bytes = moduleBytes();
  if (!WebAssembly.validate(bytes)) {
    const words = new Int32Array(runLength);
    return { words, run: (count, first, stream) => philoxWords(words.subarray(0, (count + 3) & ~3), first, stream) };
  }
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const fill = exports.fill as Fill;
  return {
    words: new Int32Array((exports.words as WebAssembly.Memory).buffer, 0, runLength),
    run: (count, first, { counter1, counter2, counter3, key0, key1 }) =>
      fill(4 * count, first, counter1, counter2, counter3, key0, key1),
  };
}
