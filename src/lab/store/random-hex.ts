/** So many random bytes in hexadecimal digits. Not by node:crypto: to load that takes longer than to open a lab. */
export const randomHex = (bytes: number): string =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex');
