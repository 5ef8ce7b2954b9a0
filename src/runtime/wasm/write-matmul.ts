import { bytesPerElement } from '../../tensor/dtype.ts';
import type { Addresses } from './addresses.ts';
import type { Expr, FunctionBuilder, Local, Range } from './assembler.ts';
import type { MatmulValue } from './ir.ts';
import { addOuterProducts } from './outer-products.ts';
import { gathered, type Matrix, packLeft, packRight } from './panels.ts';
import { lanesOf, type Tiling } from './tile.ts';

/** Steps of k that are multiplied together, and whether their product is added to what is there. */
interface Slab {
  readonly depth: number;
  readonly adds: boolean;
}

/**
 * Outer products into a tile of registers, after K. Goto & R. van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008):
 * panels of b are packed, and blocks of a when its rows are not contiguous; else it is read in place.
 */
export class MatmulWriter {
  private readonly f: FunctionBuilder;
  private readonly value: MatmulValue;
  private readonly tiling: Tiling;
  private readonly bytes: number;
  private readonly a: Local;
  private readonly b: Local;
  private readonly c: Local;
  private readonly leftPanel: Local;
  private readonly rightPanel: Local;

  /** Memory for panels begins at `panel`. */
  constructor(f: FunctionBuilder, value: MatmulValue, tiling: Tiling, addresses: Addresses, frame: Local, panel: Expr) {
    this.f = f;
    this.value = value;
    this.tiling = tiling;
    this.bytes = bytesPerElement[value.dtype];
    const at = (which: 'a' | 'b'): Local =>
      f.keep(f.types.i32, addresses.of(f, frame, value[which].value, value[which].offset * this.bytes));
    this.a = at('a');
    this.b = at('b');
    this.c = f.keep(f.types.i32, addresses.of(f, frame, value));
    this.rightPanel = f.keep(f.types.i32, panel);
    this.leftPanel = f.keep(f.types.i32, f.get(this.rightPanel));
    f.add(this.leftPanel, tiling.depth * tiling.group * this.bytes);
  }

  /** All products, one after another; or the blocks of a range. */
  write(range: Range | null): void {
    if (range) this.blocks(range);
    else this.batch(0);
  }

  /** Blocks by number: first of one product, then of the next. */
  private blocks({ from, to }: Range): void {
    const { f, value, bytes } = this;
    const { m } = f;
    const { m: height, n, rank, rows, columns } = this.tiling;
    const [down, across] = [Math.ceil(height / rows), Math.ceil(n / columns)];
    const digit = (unit: number, size: number): Expr => m.i32.rem_u(m.i32.div_u(f.get(from), f.i32(unit)), f.i32(size));
    const count = f.keep(f.types.i32, m.i32.sub(f.get(to), f.get(from)));
    const [a, b] = [this.inMemory('a'), this.inMemory('b')];
    f.repeatDynamic(count, () => {
      const add = (pointer: Local, step: number, index: () => Expr): void =>
        f.set(pointer, m.i32.add(f.get(pointer), m.i32.mul(index(), f.i32(step))));
      f.set(a.at, f.get(this.a));
      f.set(b.at, f.get(this.b));
      const to = f.keep(f.types.i32, f.get(this.c));
      let unit = down * across;
      for (let axis = rank - 1; axis >= 0; axis--) {
        const [inner, size] = [unit, value.shape[axis]];
        add(a.at, value.a.strides[axis] * bytes, () => digit(inner, size));
        add(b.at, value.b.strides[axis] * bytes, () => digit(inner, size));
        unit *= size;
      }
      add(to, height * n * bytes, () => m.i32.div_u(f.get(from), f.i32(down * across)));
      const [row, column] = [() => digit(across, down), () => digit(1, across)];
      add(a.at, rows * a.rowStep, row);
      add(to, rows * n * bytes, row);
      add(b.at, columns * b.columnStep, column);
      add(to, columns * bytes, column);
      this.lastOrNot(row, down, height, rows, (down) =>
        this.lastOrNot(column, across, n, columns, (across) => this.block(a, b, to, down, across)),
      );
      f.add(from, 1);
    });
  }

  /** Writes code for blocks of `part`, and for the last one when less of `whole` is left for it. */
  private lastOrNot(
    index: () => Expr,
    count: number,
    whole: number,
    part: number,
    write: (size: number) => void,
  ): void {
    const { f } = this;
    const rest = whole - (count - 1) * part;
    if (rest === part) write(part);
    else if (count === 1) write(rest);
    else
      f.ifElse(
        f.m.i32.eq(index(), f.i32(count - 1)),
        () => write(rest),
        () => write(part),
      );
  }

  /** Loops over batch axis `axis` and those inside it. */
  private batch(axis: number): void {
    const { value, bytes, f } = this;
    const { m, n, rank } = this.tiling;
    if (axis === rank) {
      this.product();
      f.add(this.c, m * n * bytes);
      return;
    }
    const [sa, sb] = [value.a.strides[axis] * bytes, value.b.strides[axis] * bytes];
    const count = value.shape[axis];
    f.repeat(count, () => {
      this.batch(axis + 1);
      f.add(this.a, sa);
      f.add(this.b, sb);
    });
    f.add(this.a, -sa * count);
    f.add(this.b, -sb * count);
  }

  private product(): void {
    const { f, bytes } = this;
    const { m, n, rows } = this.tiling;
    const [a, b] = [this.inMemory('a'), this.inMemory('b')];
    const c = f.keep(f.types.i32, f.get(this.c));
    const block = (count: number): void => {
      this.block(a, b, c, count, n);
      f.add(a.at, count * a.rowStep);
      f.add(c, count * n * bytes);
    };
    f.repeat(Math.floor(m / rows), () => block(rows));
    if (m % rows > 0) block(m % rows);
  }

  private inMemory(which: 'a' | 'b'): Matrix {
    const { f, bytes } = this;
    const [rowStep, columnStep] = this.value[which].strides.slice(this.tiling.rank).map((stride) => stride * bytes);
    return { at: f.keep(f.types.i32, f.get(this[which])), rowStep, columnStep };
  }

  /** Rows by columns of c, k in slabs. */
  private block(left: Matrix, right: Matrix, to: Local, rows: number, columns: number): void {
    const { f } = this;
    const { k, depth } = this.tiling;
    const a = { ...left, at: f.keep(f.types.i32, f.get(left.at)) };
    const b = { ...right, at: f.keep(f.types.i32, f.get(right.at)) };
    const slab = (one: Slab): void => {
      this.slab(a, b, to, rows, columns, one);
      f.add(a.at, one.depth * a.columnStep);
      f.add(b.at, one.depth * b.rowStep);
    };
    slab({ depth, adds: false });
    f.repeat(Math.floor(k / depth) - 1, () => slab({ depth, adds: true }));
    if (k % depth > 0) slab({ depth: k % depth, adds: true });
  }

  private slab(a: Matrix, b: Matrix, c: Local, rows: number, columns: number, slab: Slab): void {
    const { f, bytes } = this;
    const { group, packsLeft } = this.tiling;
    if (packsLeft) packLeft(f, this.tiling, bytes, a, this.leftPanel, rows, slab.depth);
    const from = { ...b, at: f.keep(f.types.i32, f.get(b.at)) };
    const to = f.keep(f.types.i32, f.get(c));
    const part = (count: number): void => {
      this.group(a, from, to, rows, count, slab);
      f.add(from.at, count * b.columnStep);
      f.add(to, count * bytes);
    };
    f.repeat(Math.floor(columns / group), () => part(group));
    if (columns % group > 0) part(columns % group);
  }

  /** Some columns of b and c: packed together, multiplied panel by panel. */
  private group(a: Matrix, b: Matrix, c: Local, rows: number, columns: number, slab: Slab): void {
    const { f, bytes } = this;
    const { width, height } = this.tiling;
    const lanes = lanesOf(this.value.dtype);
    const inPlace = b.columnStep === bytes && columns % lanes === 0 && (rows <= 2 * height || columns === width);
    if (!inPlace) packRight(f, this.tiling, bytes, b, this.rightPanel, columns, slab.depth);
    const right = f.keep(f.types.i32, f.get(inPlace ? b.at : this.rightPanel));
    const to = f.keep(f.types.i32, f.get(c));
    const panel = (count: number): void => {
      const packed = Math.ceil(count / lanes) * 16;
      this.rows(a, { at: right, rowStep: inPlace ? b.rowStep : packed, columnStep: bytes }, to, rows, count, slab);
      f.add(right, inPlace ? packed : slab.depth * packed);
      f.add(to, count * bytes);
    };
    f.repeat(Math.floor(columns / width), () => panel(width));
    if (columns % width > 0) panel(columns % width);
  }

  /** Tiles of c, one below another, against one panel. */
  private rows(a: Matrix, right: Matrix, c: Local, rows: number, columns: number, slab: Slab): void {
    const { f, bytes } = this;
    const { n, height, packsLeft } = this.tiling;
    const left = f.keep(f.types.i32, f.get(packsLeft ? this.leftPanel : a.at));
    const to = f.keep(f.types.i32, f.get(c));
    const tile = (count: number): void => {
      const steps = packsLeft ? { rowStep: bytes, columnStep: count * bytes } : a;
      this.tile({ ...steps, at: left }, right, to, count, columns, slab);
      f.add(left, count * (packsLeft ? slab.depth * bytes : a.rowStep));
      f.add(to, count * n * bytes);
    };
    f.repeat(Math.floor(rows / height), () => tile(height));
    if (rows % height > 0) tile(rows % height);
  }

  private tile(a: Matrix, b: Matrix, c: Local, height: number, columns: number, { depth, adds }: Slab): void {
    const { f, bytes } = this;
    const { m } = f;
    const lanes = lanesOf(this.value.dtype);
    const vectors = Math.ceil(columns / lanes);
    const place = (r: number, v: number): number => r * this.tiling.n * bytes + 16 * v;
    const width = (v: number): number => Math.min(lanes, columns - v * lanes);
    const totals = Array.from({ length: height * vectors }, (_, i) => {
      const [r, v] = [Math.floor(i / vectors), i % vectors];
      const start = adds ? this.loadRow(c, place(r, v), width(v)) : m.v128.const(new Uint8Array(16));
      return f.keep(f.types.v128, start);
    });
    addOuterProducts(f, bytes, a, b, { height, vectors, totals }, depth);
    for (let r = 0; r < height; r++) {
      for (let v = 0; v < vectors; v++) this.storeRow(c, place(r, v), totals[r * vectors + v], width(v));
    }
  }

  private loadRow(from: Local, offset: number, count: number): Expr {
    const { f, bytes } = this;
    if (count * bytes === 16) return f.m.v128.load(offset, bytes, f.get(from));
    const shifted = f.keep(f.types.i32, f.get(from));
    f.add(shifted, offset);
    return gathered(f, bytes, shifted, 0, count, bytes);
  }

  private storeRow(out: Local, offset: number, value: Local, count: number): void {
    const { f, bytes } = this;
    const { v128 } = f.m;
    if (count * bytes === 16) {
      f.emit(v128.store(offset, bytes, f.get(out), f.get(value)));
      return;
    }
    for (let lane = 0; lane < count; lane++) {
      const at = offset + lane * bytes;
      f.emit(
        bytes === 4
          ? v128.store32_lane(at, 4, lane, f.get(out), f.get(value))
          : v128.store64_lane(at, 8, lane, f.get(out), f.get(value)),
      );
    }
  }
}
