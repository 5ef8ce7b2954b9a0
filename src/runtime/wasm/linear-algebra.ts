import { type Expr, type FunctionBuilder, type Local, loadBinaryen, ModuleBuilder } from './assembler.ts';
import { addOuterProducts } from './outer-products.ts';

/** A float64 matrix in the memory of `LinearAlgebra`: its first element, and the elements from one row to the next. */
export interface Matrix {
  readonly at: number;
  readonly row: number;
  readonly transposed?: boolean;
}

/** Rows of the left and columns of the right side that a product takes together. */
const tile = 4;
/** The left block stays in the second cache, a panel of the right one in the first. */
const block = { rows: 128, columns: 512, depth: 256 };
const bytes = 8;
const leftPanel = 64;
const rightPanel = leftPanel + block.rows * block.depth * bytes;
const workspaceStart = rightPanel + block.columns * block.depth * bytes;
const pageBytes = 65536;
const maxPages = 65536;
/** Bytes of the largest memory that is kept from one decomposition to the next. */
const largestKept = 64 * 1024 * 1024;

export const roundUpToTile = (n: number): number => Math.ceil(n / tile) * tile;

interface Kernels {
  packRows(from: number, row: number, to: number, panels: number, depth: number): void;
  packColumns(from: number, row: number, to: number, panels: number, depth: number): void;
  multiply(left: number, right: number, to: number, row: number, down: number, across: number, depth: number): void;
  reflectAndMultiply(a: number, row: number, pairs: number, u: number, p: number, x: number, y: number): void;
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

  /** Arrays of zeros, of these lengths, in place of those given before. */
  workspace<Lengths extends readonly number[]>(...lengths: Lengths): { [i in keyof Lengths]: Float64Array } {
    let end = workspaceStart;
    const starts = lengths.map((length) => {
      const start = end;
      end = Math.ceil((start + length * bytes) / 64) * 64;
      return start;
    });
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / pageBytes));
    new Float64Array(this.memory.buffer, workspaceStart, (end - workspaceStart) / bytes).fill(0);
    const arrays = starts.map((start, i) => new Float64Array(this.memory.buffer, start, lengths[i]));
    return arrays as { [i in keyof Lengths]: Float64Array };
  }

  /** c += a b, a being [m, k], b [k, n]. Whole tiles are read and written: m and n count as rounded up to multiples of 4. */
  multiplyAdd(c: Matrix, a: Matrix, b: Matrix, m: number, n: number, k: number): void {
    for (let depth = 0; depth < k; depth += block.depth) {
      const steps = Math.min(block.depth, k - depth);
      for (let column = 0; column < n; column += block.columns) {
        const across = Math.ceil(Math.min(block.columns, n - column) / tile);
        const right = b.transposed ? this.kernels.packRows : this.kernels.packColumns;
        right(place(b, depth, column), b.row * bytes, rightPanel, across, steps);
        for (let row = 0; row < m; row += block.rows) {
          const down = Math.ceil(Math.min(block.rows, m - row) / tile);
          const left = a.transposed ? this.kernels.packColumns : this.kernels.packRows;
          left(place(a, row, depth), a.row * bytes, leftPanel, down, steps);
          this.kernels.multiply(leftPanel, rightPanel, place(c, row, column), c.row * bytes, down, across, steps);
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
  const { i32, none } = module.api;
  for (const [name, [parameters, write]] of Object.entries(writers)) {
    module.define(name, Array(parameters).fill(i32), none, (f, ...given) => write(f, given));
    module.m.addFunctionExport(name, name);
  }
  const binary = module.m.emitBinary();
  module.m.dispose();
  return new LinearAlgebra(await WebAssembly.compile(new Uint8Array(binary)));
}

/** Writes a loop that leaves `count` as it is. */
function times(f: FunctionBuilder, count: Local, body: () => void): void {
  f.repeatDynamic(f.keep(f.types.i32, f.get(count)), body);
}

const sum = (f: FunctionBuilder, a: Local, b: Local): Expr => f.m.i32.add(f.get(a), f.get(b));

/** Adds one local to another. */
const advance = (f: FunctionBuilder, a: Local, b: Local): void => f.set(a, sum(f, a, b));

/** Where the next rows begin; `from` moves on behind them. */
const startsOfRows = (f: FunctionBuilder, from: Local, row: Local, count: number): Local[] =>
  Array.from({ length: count }, () => {
    const start = f.keep(f.types.i32, f.get(from));
    advance(f, from, row);
    return start;
  });

/** Panels of 4 rows, whose elements alternate. */
function packRows(f: FunctionBuilder, [from, row, to, panels, depth]: readonly Local[]): void {
  const { f64 } = f.m;
  times(f, panels, () => {
    const rows = startsOfRows(f, from, row, tile);
    times(f, depth, () => {
      rows.forEach((at, r) => {
        f.emit(f64.store(r * bytes, bytes, f.get(to), f64.load(0, bytes, f.get(at))));
        f.add(at, bytes);
      });
      f.add(to, tile * bytes);
    });
  });
}

/** Panels of 4 columns, row after row. */
function packColumns(f: FunctionBuilder, [from, row, to, panels, depth]: readonly Local[]): void {
  const { v128 } = f.m;
  times(f, panels, () => {
    const at = f.keep(f.types.i32, f.get(from));
    times(f, depth, () => {
      for (const half of [0, 16]) f.emit(v128.store(half, 16, f.get(to), v128.load(half, bytes, f.get(at))));
      advance(f, at, row);
      f.add(to, tile * bytes);
    });
    f.add(from, tile * bytes);
  });
}

/** Adds a product of packed panels to what is at `to`. */
function multiply(f: FunctionBuilder, [left, right, to, row, down, across, depth]: readonly Local[]): void {
  const { i32, v128 } = f.m;
  const panelBytes = f.keep(f.types.i32, i32.mul(f.get(depth), f.i32(tile * bytes)));
  const fours = f.keep(f.types.i32, i32.shr_u(f.get(depth), f.i32(2)));
  const rest = f.keep(f.types.i32, i32.and(f.get(depth), f.i32(3)));
  times(f, across, () => {
    const a = { at: f.keep(f.types.i32, f.get(left)), rowStep: bytes, columnStep: tile * bytes };
    const result = f.keep(f.types.i32, f.get(to));
    times(f, down, () => {
      const rows = startsOfRows(f, result, row, tile);
      const totals = rows.flatMap((at) =>
        [0, 16].map((half) => f.keep(f.types.v128, v128.load(half, bytes, f.get(at)))),
      );
      const b = { at: f.keep(f.types.i32, f.get(right)), rowStep: tile * bytes, columnStep: bytes };
      for (const [count, steps] of [[fours, 4] as const, [rest, 1] as const]) {
        times(f, count, () => {
          addOuterProducts(f, bytes, a, b, { height: tile, vectors: 2, totals }, steps);
          f.add(a.at, steps * tile * bytes);
          f.add(b.at, steps * tile * bytes);
        });
      }
      totals.forEach((total, i) => {
        f.emit(v128.store((i % 2) * 16, bytes, f.get(rows[i >> 1]), f.get(total)));
      });
    });
    advance(f, right, panelBytes);
    f.add(to, tile * bytes);
  });
}

/** Two rows at a time: an element off the diagonal block serves its own row of y and, mirrored, its column's. */
function reflectAndMultiply(f: FunctionBuilder, [a, row, pairs, u, p, x, y]: readonly Local[]): void {
  const { i32, v128, f64, f64x2 } = f.m;
  const keep = (value: Expr): Local => f.keep(f.types.v128, value);
  const madd = (b: Local, c: Local, d: Local): Expr => f.module.multiplyAdd('f64x2', f.get(b), f.get(c), f.get(d));
  const done = f.keep(f.types.i32, f.i32(0));
  times(f, pairs, () => {
    const rows = startsOfRows(f, a, row, 2);
    const first = f.keep(f.types.i32, i32.shl(f.get(done), f.i32(4)));
    /** An element of this row, in both lanes. */
    const element = (vector: Local, offset: number): Expr => v128.load64_splat(offset, bytes, sum(f, vector, first));
    const own = [0, bytes].map((offset) => ({
      u: keep(f64x2.neg(element(u, offset))),
      p: keep(f64x2.neg(element(p, offset))),
      x: keep(element(x, offset)),
      total: keep(f64x2.splat(f64.const(0))),
    }));
    const [atU, atP, atX, atY] = [u, p, x, y].map((vector) => f.keep(f.types.i32, f.get(vector)));
    const step = (mirrored: boolean): void => {
      const [uk, pk, xk] = [atU, atP, atX].map((vector) => keep(v128.load(0, bytes, f.get(vector))));
      const yk = mirrored ? keep(v128.load(0, bytes, f.get(atY))) : undefined;
      rows.forEach((address, r) => {
        const value = keep(v128.load(0, bytes, f.get(address)));
        f.set(value, madd(own[r].u, pk, value));
        f.set(value, madd(own[r].p, uk, value));
        f.emit(v128.store(0, bytes, f.get(address), f.get(value)));
        f.set(own[r].total, madd(value, xk, own[r].total));
        if (yk) f.set(yk, madd(value, own[r].x, yk));
      });
      if (yk) f.emit(v128.store(0, bytes, f.get(atY), f.get(yk)));
      for (const address of [...rows, atU, atP, atX, atY]) f.add(address, 16);
    };
    times(f, done, () => step(true));
    step(false);
    own.forEach(({ total }, r) => {
      const both = f64.add(f64x2.extract_lane(f.get(total), 0), f64x2.extract_lane(f.get(total), 1));
      f.emit(f64.store(r * bytes, bytes, sum(f, y, first), both));
    });
    f.add(done, 1);
  });
}

/** How many parameters each kernel has, and what writes it. */
const writers: Record<keyof Kernels, readonly [number, (f: FunctionBuilder, parameters: readonly Local[]) => void]> = {
  packRows: [5, packRows],
  packColumns: [5, packColumns],
  multiply: [7, multiply],
  reflectAndMultiply: [7, reflectAndMultiply],
};
