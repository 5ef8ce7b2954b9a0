declare module 'crc-32/crc32c.js' {
  /** The package types its main module only; this one has the same functions with Castagnoli's polynomial. */
  const crc32c: { buf(data: Uint8Array, seed?: number): number };
  export default crc32c;
}
