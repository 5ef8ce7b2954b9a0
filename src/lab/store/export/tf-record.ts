/** TFRecord, the framing of event files: length (uint64), its masked checksum, the data, their masked checksum; all little-endian. */

/** Bytes before the data, and before and after them. */
export const head = 12;
export const around = 16;

/** Writes what stands around data that lie in their place already, behind the head of a record that begins at `start`. */
export function frame(bytes: Buffer, start: number, length: number): void {
  const end = start + head + length;
  bytes.writeUInt32LE(length, start);
  bytes.writeUInt32LE(0, start + 4);
  bytes.writeUInt32LE(maskedChecksum(bytes, start, start + 8), start + 8);
  bytes.writeUInt32LE(maskedChecksum(bytes, start + head, end), end);
}

/** CRC-32C, turned by 15 bits and shifted by a constant: a checksum of data that holds checksums would be weak. */
export function maskedChecksum(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const crc = checksum(bytes, start, end);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** What each byte does to the checksum, by Castagnoli's polynomial with its bits reversed. */
const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  return crc;
});

/** Of a range of bytes: libraries ask for a view of them, and millions of short-lived views take longer than the sums. */
function checksum(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1;
  for (let i = start; i < end; i++) crc = table[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8);
  return ~crc;
}
