import { type FunctionBuilder, type Local, loadBinaryen, ModuleBuilder, type WasmType } from './assembler.ts';
import { type Height, heights, multiply, packColumns, packRows, tile } from './write-dense.ts';
import { reflectAndMultiply } from './write-reflect.ts';
import { exactWeights, innerVectors, secularSums } from './write-secular.ts';

/** A float64 matrix in the memory of `LinearAlgebra`: its first element, and the elements from one row to the next. */
export interface Matrix {
  readonly at: number;
  readonly row: number;
  readonly transposed?: boolean;
}

/** 1 + rho sum_j weights[j] / (poles[j] - x) = 0, and a place for the sums that `secularSums` answers; all in the memory of `LinearAlgebra`. */
export interface SecularEquation {
  /** Ascending and apart. */
  readonly poles: Float64Array;
  /** Above 0. */
  readonly weights: Float64Array;
  /** Above 0. */
  readonly rho: number;
  readonly sums: Float64Array;
}

/** The left block stays in the second cache, a panel of the right one in the first. Rows: a multiple of all heights of a tile. */
const block = { rows: 120, columns: 512, depth: 256 };
const bytes = 8;
const leftPanel = 64;
const rightPanel = leftPanel + block.rows * block.depth * bytes;
const workspaceStart = rightPanel + block.columns * block.depth * bytes;
const pageBytes = 65536;
const maxPages = 65536;
/** Bytes of the largest memory that is kept from one decomposition to the next. */
const largestKept = 64 * 1024 * 1024;

export const roundUpToTile = (n: number): number => Math.ceil(n / tile) * tile;

type Pack = (from: number, row: number, to: number, panels: number, depth: number) => void;
type Multiply = (
  left: number,
  right: number,
  to: number,
  row: number,
  down: number,
  across: number,
  depth: number,
) => void;

interface Kernels
  extends Record<`packRows${Height}` | `packColumns${Height}`, Pack>,
    Record<`multiply${Height}`, Multiply> {
  reflectAndMultiply(a: number, row: number, pairs: number, u: number, p: number, x: number, y: number): void;
  secularSums(
    poles: number,
    weights: number,
    gaps: number,
    count: number,
    split: number,
    to: number,
    origin: number,
    x: number,
  ): void;
  exactWeights(gaps: number, row: number, poles: number, exact: number, count: number): void;
  innerVectors(gaps: number, row: number, exact: number, order: number, one: number, count: number): void;
}

/** What the decompositions spend their time in, as WebAssembly SIMD over a memory of its own: float64, on one thread. */
export class LinearAlgebra {
  readonly module: WebAssembly.Module;
  private memory: WebAssembly.Memory;
  private kernels: Kernels;

  constructor(module: WebAssembly.Module) {
    this.module = module;
    [this.memory, this.kernels] = this.start();
  }

  /** Gives the workspace back, if it is too large to be kept for the next decomposition. */
  release(): void {
    if (this.memory.buffer.byteLength > largestKept) [this.memory, this.kernels] = this.start();
  }

  private start(): [WebAssembly.Memory, Kernels] {
    const memory = new WebAssembly.Memory({ initial: Math.ceil(workspaceStart / pageBytes), maximum: maxPages });
    const { exports } = new WebAssembly.Instance(this.module, { host: { memory } });
    return [memory, exports as unknown as Kernels];
  }

  /** An array that holds anything, then arrays of zeros, of these lengths, in place of those given before. */
  workspace<Lengths extends readonly number[]>(
    scratch: number,
    ...lengths: Lengths
  ): [Float64Array, ...{ [i in keyof Lengths]: Float64Array }] {
    let end = workspaceStart;
    const starts = [scratch, ...lengths].map((length) => {
      const start = end;
      end = Math.ceil((start + length * bytes) / 64) * 64;
      return start;
    });
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / pageBytes));
    const [first, ...arrays] = starts.map(
      (start, i) => new Float64Array(this.memory.buffer, start, [scratch, ...lengths][i]),
    );
    for (const array of arrays) array.fill(0);
    return [first, ...(arrays as { [i in keyof Lengths]: Float64Array })];
  }

  /** c += a b, a being [m, k], b [k, n]. Whole tiles are read and written: m and n count as rounded up to multiples of 4. */
  multiplyAdd(c: Matrix, a: Matrix, b: Matrix, m: number, n: number, k: number): void {
    for (let depth = 0; depth < k; depth += block.depth) {
      const steps = Math.min(block.depth, k - depth);
      for (let column = 0; column < n; column += block.columns) {
        const across = Math.ceil(Math.min(block.columns, n - column) / tile);
        const { kernels } = this;
        const right = b.transposed ? kernels.packRows4 : kernels.packColumns4;
        right(place(b, depth, column), b.row * bytes, rightPanel, across, steps);
        for (let first = 0; first < m; first += block.rows) {
          const rows = roundUpToTile(Math.min(block.rows, m - first));
          let row = first;
          for (const height of heights) {
            const fours = (rows / 4) % 3;
            const down = height === 4 ? fours : (rows - 4 * fours) / 6;
            if (down === 0) continue;
            const left = a.transposed ? kernels[`packColumns${height}`] : kernels[`packRows${height}`];
            left(place(a, row, depth), a.row * bytes, leftPanel, down, steps);
            const to = place(c, row, column);
            kernels[`multiply${height}`](leftPanel, rightPanel, to, c.row * bytes, down, across, steps);
            row += down * height;
          }
        }
      }
    }
  }

  /**
   * a -= u p' + p u', and y = a x: one pass over the leading `size` rows, size even, of the lower triangle of a symmetric matrix. Of the
   * upper triangle only the elements [i, i + 1], i even, are there too.
   */
  reflectAndMultiply(
    a: Matrix,
    size: number,
    u: Float64Array,
    p: Float64Array,
    x: Float64Array,
    y: Float64Array,
  ): void {
    const [atU, atP, atX, atY] = [u.byteOffset, p.byteOffset, x.byteOffset, y.byteOffset];
    this.kernels.reflectAndMultiply(a.at, a.row * bytes, size / 2, atU, atP, atX, atY);
  }

  /**
   * The sums of a secular equation at origin + x: of the terms before number `split`, their slopes, of those after, their slopes, and the
   * sizes of all partial sums. gaps[at + j] becomes poles[j] - origin - x.
   */
  secularSums(
    { poles, weights, sums }: SecularEquation,
    split: number,
    origin: number,
    x: number,
    gaps: Float64Array,
    at: number,
  ): void {
    const [atPoles, atWeights, atSums] = [poles.byteOffset, weights.byteOffset, sums.byteOffset];
    const atGaps = gaps.byteOffset + at * bytes;
    this.kernels.secularSums(atPoles, atWeights, atGaps, poles.length, split, atSums, origin, x);
  }

  /** exact[j] *= product over i of gaps[i, j] / (poles[j] - poles[i]), where the divisor of its own gap is -1. `row`: elements, even. */
  exactWeights(gaps: Float64Array, row: number, poles: Float64Array, exact: Float64Array): void {
    this.kernels.exactWeights(gaps.byteOffset, row * bytes, poles.byteOffset, exact.byteOffset, poles.length);
  }

  /** Row i of gaps becomes the vector exact[j] / gaps[i, j] of length 1, its component k being number order[k]. `one` is used up. */
  innerVectors(gaps: Float64Array, row: number, exact: Float64Array, order: Int32Array, one: Float64Array): void {
    const [atGaps, atExact, atOrder, atOne] = [gaps, exact, order, one].map(({ byteOffset }) => byteOffset);
    this.kernels.innerVectors(atGaps, row * bytes, atExact, atOrder, atOne, order.length);
  }
}

/** The address of an element. */
const place = ({ at, row, transposed }: Matrix, i: number, j: number): number =>
  at + (transposed ? j * row + i : i * row + j) * bytes;

const loading = new Map<boolean, Promise<LinearAlgebra>>();

/** Built on first use, once a process. `madd`: with fused multiply-add. */
export function loadLinearAlgebra(madd: boolean): Promise<LinearAlgebra> {
  let found = loading.get(madd);
  if (!found) {
    found = build(madd);
    loading.set(madd, found);
  }
  return found;
}

async function build(madd: boolean): Promise<LinearAlgebra> {
  const module = new ModuleBuilder(await loadBinaryen(), { madd });
  const { i32, f64, none } = module.api;
  for (const [name, { integers, numbers = 0, write }] of Object.entries(writers)) {
    const parameters = [...Array<WasmType>(integers).fill(i32), ...Array<WasmType>(numbers).fill(f64)];
    module.define(name, parameters, none, (f, ...given) => write(f, given));
    module.m.addFunctionExport(name, name);
  }
  const binary = module.m.emitBinary();
  module.m.dispose();
  return new LinearAlgebra(await WebAssembly.compile(new Uint8Array(binary)));
}

/** A kernel's parameters: integers, then floating-point numbers; and what writes it. */
interface Writer {
  readonly integers: number;
  readonly numbers?: number;
  write(f: FunctionBuilder, parameters: readonly Local[]): void;
}

const writers: Record<keyof Kernels, Writer> = {
  packRows6: { integers: 5, write: packRows(6) },
  packRows4: { integers: 5, write: packRows(4) },
  packColumns6: { integers: 5, write: packColumns(6) },
  packColumns4: { integers: 5, write: packColumns(4) },
  multiply6: { integers: 7, write: multiply(6) },
  multiply4: { integers: 7, write: multiply(4) },
  reflectAndMultiply: { integers: 7, write: reflectAndMultiply },
  secularSums: { integers: 6, numbers: 2, write: secularSums },
  exactWeights: { integers: 5, write: exactWeights },
  innerVectors: { integers: 6, write: innerVectors },
};
