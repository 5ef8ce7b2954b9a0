import { type FunctionBuilder, type Local, loadBinaryen, ModuleBuilder, type WasmType } from './assembler.ts';
import { type Height, heights, multiply, packColumns, packRows, tile } from './write-dense.ts';
import { hypot, implicitQl, rotateRows } from './write-implicit-ql.ts';
import { reflectAndMultiply } from './write-reflect.ts';
import { copyTriangle, gatherRows, scatterRows, writeColumns } from './write-rows.ts';
import { exactWeights, innerVectors, secularSums } from './write-secular.ts';
import { secularRoot, secularRoots } from './write-secular-root.ts';
import { tridiagonalize } from './write-tridiagonalize.ts';

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

type MoveRows = (
  from: number,
  row: number,
  index: number,
  to: number,
  toRow: number,
  count: number,
  pairs: number,
) => void;

interface Kernels
  extends Record<`packRows${Height}` | `packColumns${Height}`, Pack>,
    Record<`multiply${Height}`, Multiply>,
    Record<'gatherRows' | 'scatterRows', MoveRows> {
  copyTriangle(from: number, row: number, count: number, a: number, aRow: number): number;
  writeColumns(rows: number, row: number, index: number, pairs: number, to: number, toRow: number): void;
  rotateRows(first: number, second: number, pairs: number, c: number, s: number): void;
  tridiagonalize(
    a: number,
    row: number,
    count: number,
    u: number,
    p: number,
    next: number,
    y: number,
    diagonal: number,
    beside: number,
    weights: number,
  ): void;
  implicitQl(d: number, e: number, count: number, v: number, row: number): void;
  secularRoots(
    poles: number,
    weights: number,
    gaps: number,
    row: number,
    count: number,
    sums: number,
    roots: number,
    rho: number,
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
   * Copies the lower triangle of a matrix of `n` rows to `a`, whose rows are of an even number of elements, as `tridiagonalize` wants it;
   * answers the largest size of an element, or NaN if one is not finite.
   */
  copyTriangle(from: Matrix, n: number, a: Matrix): number {
    return this.kernels.copyTriangle(from.at, from.row * bytes, n, a.at, a.row * bytes);
  }

  /** See `write-tridiagonalize.ts`. */
  tridiagonalize(
    a: Matrix,
    n: number,
    scratch: readonly [u: Float64Array, p: Float64Array, next: Float64Array, y: Float64Array],
    results: readonly [diagonal: Float64Array, beside: Float64Array, weights: Float64Array],
  ): void {
    const [atU, atP, atNext, atY] = scratch.map(({ byteOffset }) => byteOffset);
    const [diagonal, beside, weights] = results.map(({ byteOffset }) => byteOffset);
    this.kernels.tridiagonalize(a.at, a.row * bytes, n, atU, atP, atNext, atY, diagonal, beside, weights);
  }

  /** Turns the tridiagonal matrix [from, to) diagonal, and rows and columns [from, to) of `v` with it; see `write-implicit-ql.ts`. */
  implicitQl(d: Float64Array, e: Float64Array, from: number, to: number, v: Matrix): void {
    const start = from * bytes;
    this.kernels.implicitQl(d.byteOffset + start, e.byteOffset + start, to - from, place(v, from, from), v.row * bytes);
  }

  /** Turns two rows in their plane, from that element on: the first becomes c first - s second, the second s first + c second. */
  rotate(v: Matrix, first: number, second: number, from: number, count: number, c: number, s: number): void {
    this.kernels.rotateRows(place(v, first, from), place(v, second, from), (count + 1) >> 1, c, s);
  }

  /** Copies rows `index` of one matrix to the rows of another, `width` elements (even) of each. */
  gatherRows(from: Matrix, index: Int32Array, to: Matrix, width: number): void {
    const rows = [from.row * bytes, to.row * bytes] as const;
    this.kernels.gatherRows(from.at, rows[0], index.byteOffset, to.at, rows[1], index.length, width / 2);
  }

  /** Copies the rows of one matrix to rows `index` of another, `width` elements (even) of each. */
  scatterRows(from: Matrix, to: Matrix, index: Int32Array, width: number): void {
    const rows = [from.row * bytes, to.row * bytes] as const;
    this.kernels.scatterRows(from.at, rows[0], index.byteOffset, to.at, rows[1], index.length, width / 2);
  }

  /** Makes rows `index` of a matrix columns of another, of as many elements (even), with their largest components positive. */
  writeColumns(rows: Matrix, index: Int32Array, to: Matrix): void {
    this.kernels.writeColumns(rows.at, rows.row * bytes, index.byteOffset, index.length / 2, to.at, to.row * bytes);
  }

  /** All roots, ascending. Row i of gaps, `row` elements from the one before, becomes poles[j] - roots[i]; see `write-secular-root.ts`. */
  secularRoots(
    { poles, weights, rho, sums }: SecularEquation,
    gaps: Float64Array,
    row: number,
    roots: Float64Array,
  ): void {
    const [atPoles, atWeights, atGaps, atSums, atRoots] = [poles, weights, gaps, sums, roots].map(
      ({ byteOffset }) => byteOffset,
    );
    this.kernels.secularRoots(atPoles, atWeights, atGaps, row * bytes, poles.length, atSums, atRoots, rho);
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
  for (const [name, { integers, numbers = 0, answers = false, write }] of Object.entries(writers)) {
    const parameters = [...Array<WasmType>(integers).fill(i32), ...Array<WasmType>(numbers).fill(f64)];
    module.define(name, parameters, answers ? f64 : none, (f, ...given) => write(f, given));
    module.m.addFunctionExport(name, name);
  }
  const binary = module.m.emitBinary();
  module.m.dispose();
  return new LinearAlgebra(await WebAssembly.compile(new Uint8Array(binary)));
}

/** A function's parameters: integers, then floating-point numbers; whether it answers one; and what writes it. */
interface Writer {
  readonly integers: number;
  readonly numbers?: number;
  readonly answers?: boolean;
  write(f: FunctionBuilder, parameters: readonly Local[]): void;
}

/** The kernels, and what they call. */
const writers: Record<keyof Kernels | 'reflectAndMultiply' | 'secularSums' | 'secularRoot' | 'hypot', Writer> = {
  packRows6: { integers: 5, write: packRows(6) },
  packRows4: { integers: 5, write: packRows(4) },
  packColumns6: { integers: 5, write: packColumns(6) },
  packColumns4: { integers: 5, write: packColumns(4) },
  multiply6: { integers: 7, write: multiply(6) },
  multiply4: { integers: 7, write: multiply(4) },
  gatherRows: { integers: 7, write: gatherRows },
  scatterRows: { integers: 7, write: scatterRows },
  copyTriangle: { integers: 5, answers: true, write: copyTriangle },
  writeColumns: { integers: 6, write: writeColumns },
  reflectAndMultiply: { integers: 7, write: reflectAndMultiply },
  tridiagonalize: { integers: 10, write: tridiagonalize },
  hypot: { integers: 0, numbers: 2, answers: true, write: hypot },
  rotateRows: { integers: 3, numbers: 2, write: rotateRows },
  implicitQl: { integers: 5, write: implicitQl },
  secularSums: { integers: 6, numbers: 2, write: secularSums },
  secularRoot: { integers: 6, numbers: 1, answers: true, write: secularRoot },
  secularRoots: { integers: 7, numbers: 1, write: secularRoots },
  exactWeights: { integers: 5, write: exactWeights },
  innerVectors: { integers: 6, write: innerVectors },
};
