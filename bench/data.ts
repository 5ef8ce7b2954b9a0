type Floats = Float32Array<ArrayBuffer>;

/** A classifier of random data: the same weights, inputs and labels for every peer. */
export interface MlpData {
  readonly sizes: readonly number[];
  readonly batch: number;
  /** One [in, out] matrix for each layer, row-major. */
  readonly weights: readonly Floats[];
  /** [batch, sizes[0]] in [0, 1). */
  readonly x: Floats;
  readonly labels: Int32Array<ArrayBuffer>;
  readonly lr: number;
}

/** mulberry32: small, and the same everywhere. */
function generator(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function mlpData(sizes: readonly number[], batch: number, lr = 0.05): MlpData {
  const random = generator(1);
  const weights = sizes.slice(1).map((outputs, layer) => {
    const bound = Math.sqrt(6 / sizes[layer]);
    return Float32Array.from({ length: sizes[layer] * outputs }, () => (2 * random() - 1) * bound);
  });
  const x = Float32Array.from({ length: batch * sizes[0] }, () => random());
  const labels = Int32Array.from({ length: batch }, () => Math.floor(random() * sizes[sizes.length - 1]));
  return { sizes, batch, weights, x, labels, lr };
}

export const numbers = (n: number, seed: number): Floats => {
  const random = generator(seed);
  return Float32Array.from({ length: n }, () => random() - 0.5);
};

/** [rows, columns] to [columns, rows]. */
export function transposed(matrix: Floats, rows: number, columns: number): Floats {
  const out = new Float32Array(matrix.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = matrix[i * columns + j];
  return out;
}

/** A workload as one peer runs it. */
export interface Contender {
  readonly peer: string;
  /** One step; what it computes is there when the promise is fulfilled. */
  step(): void | Promise<void>;
  /** The loss of the latest step, where there is one. */
  loss?(): number | Promise<number>;
}
