/** What a tensor of a workload begins as. */
export interface Described {
  readonly shape: readonly number[];
  /** Uniform in [low, high), or whole numbers from 0 below `below`. */
  readonly values: { readonly low: number; readonly high: number } | { readonly below: number };
}

export type Tensors = Readonly<Record<string, Described>>;

export const uniform = (shape: readonly number[], low: number, high: number): Described => ({
  shape,
  values: { low, high },
});
export const integers = (shape: readonly number[], below: number): Described => ({ shape, values: { below } });

/** He's uniform rule for the numbers that meet in one output: [out, in, ...]. */
const weight = (shape: readonly number[]): Described => {
  const bound = Math.sqrt(6 / shape.slice(1).reduce((a, b) => a * b, 1));
  return uniform(shape, -bound, bound);
};
/** Never all zero or all one: a peer that forgets a bias or a scale must show. */
const bias = (n: number): Described => uniform([n], -0.1, 0.1);

export const dense = (name: string, outputs: number, inputs: number): Tensors => ({
  [`${name}.weight`]: weight([outputs, inputs]),
  [`${name}.bias`]: bias(outputs),
});

/** A convolution's kernel. */
export const kernel = (name: string, outputs: number, inputs: number, window: number): Tensors => ({
  [`${name}.weight`]: weight([outputs, inputs, window, window]),
});

export const norm = (name: string, width: number): Tensors => ({
  [`${name}.scale`]: uniform([width], 0.9, 1.1),
  [`${name}.shift`]: bias(width),
});

/** The layers fc1, fc2, ... */
export const layers = (sizes: readonly number[]): Tensors =>
  Object.assign({}, ...sizes.slice(1).map((n, i) => dense(`fc${i + 1}`, n, sizes[i])));

export const classified = (batch: number, input: readonly number[], classes: number): Tensors => ({
  x: uniform([batch, ...input], 0, 1),
  labels: integers([batch], classes),
});

/** The same shapes under other names, for vectors that go with parameters. */
export const alike = (tensors: Tensors, prefix: string, low: number, high: number): Tensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape }]) => [`${prefix}${name}`, uniform(shape, low, high)]),
  );
