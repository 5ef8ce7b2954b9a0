/** Something that this platform does not have, such as files and processes in a browser. The message says what to do instead. */
export class PlatformError extends Error {
  override readonly name = 'PlatformError';
}
