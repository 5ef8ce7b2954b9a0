const ownFiles = new URL('..', import.meta.url).href;

/** The first stack frame that lies outside Thalweg's own sources: the user's line. Tests count as users. */
function userLine(stack: string | undefined): string | undefined {
  const frames = (stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
  const outside = frames.find((line) => {
    const own = line.includes(ownFiles) || line.includes(ownFiles.replace('file://', ''));
    return (!own || /\.test\.[jt]s/.test(line)) && !line.includes('node:internal') && !line.includes('<anonymous>');
  });
  return outside?.trim().replace(/^at /, '');
}

/** A mistake found while a function is traced. The message names the op, the shapes and the user's line. */
export class TensorError extends Error {
  override readonly name = 'TensorError';
  readonly op: string;

  constructor(op: string, problem: string) {
    super(`${op}: ${problem}`);
    this.op = op;
    const line = userLine(this.stack);
    if (line) this.message += `\n    at ${line}`;
  }
}
