import { bytesPerElement } from '../../tensor/dtype.ts';
import type { Addresses } from './addresses.ts';
import type { Expr, FunctionBuilder, Local } from './assembler.ts';
import type { MatmulValue } from './ir.ts';
import { lanesOf, tileVectors } from './tile.ts';

/**
 * Outer products into a tile of registers, after K. Goto & R. van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008),
 * reduced to what small matrices need: panels of b are packed, a is read in place.
 */
export class MatmulWriter {
  private readonly f: FunctionBuilder;
  private readonly value: MatmulValue;
  private readonly bytes: number;
  private readonly a: Local;
  private readonly b: Local;
  private readonly c: Local;
  private readonly panel: Local;

  constructor(f: FunctionBuilder, value: MatmulValue, addresses: Addresses, frame: Local, panel: Expr) {
    this.f = f;
    this.value = value;
    this.bytes = bytesPerElement[value.dtype];
    const at = (one: MatmulValue, which: 'a' | 'b'): Local =>
      f.keep(f.types.i32, addresses.of(f, frame, one[which].value, one[which].offset * this.bytes));
    this.a = at(value, 'a');
    this.b = at(value, 'b');
    this.c = f.keep(f.types.i32, addresses.of(f, frame, value));
    this.panel = f.keep(f.types.i32, panel);
  }

  private get sizes(): { m: number; n: number; k: number; rank: number } {
    const { a, shape } = this.value;
    const rank = shape.length - 2;
    return { m: shape[rank], n: shape[rank + 1], k: a.shape[rank + 1], rank };
  }

  write(): void {
    this.batch(0);
  }

  /** Loops over batch axis `axis` and those inside it. */
  private batch(axis: number): void {
    const { value, bytes, f } = this;
    const { m, n, rank } = this.sizes;
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

  /** One product: blocks of columns, each over all rows. */
  private product(): void {
    const { f, bytes } = this;
    const { m, n, k, rank } = this.sizes;
    const lanes = lanesOf(this.value.dtype);
    const width = tileVectors * lanes;
    const [rowStride, columnStride] = this.value.b.strides.slice(rank).map((stride) => stride * bytes);
    const from = f.keep(f.types.i32, f.get(this.b));
    const to = f.keep(f.types.i32, f.get(this.c));
    const block = (columns: number): void => {
      const vectors = Math.ceil(columns / lanes);
      const inPlace = columnStride === bytes && columns === vectors * lanes && (m < 12 || n === columns);
      if (!inPlace) this.pack(from, columns, vectors);
      const step = inPlace ? rowStride : vectors * 16;
      this.rows(inPlace ? from : this.panel, step, to, columns, vectors);
      f.add(from, columns * columnStride);
      f.add(to, columns * bytes);
    };
    if (k > 0 && m > 0) {
      f.repeat(Math.floor(n / width), () => block(width));
      if (n % width > 0) block(n % width);
    }
  }

  /** Copies k rows of `columns` numbers into the panel; lanes beyond them become zero. */
  private pack(from: Local, columns: number, vectors: number): void {
    const { f, bytes } = this;
    const { m } = f;
    const { k, rank } = this.sizes;
    const [rowStride, columnStride] = this.value.b.strides.slice(rank).map((stride) => stride * bytes);
    const lanes = lanesOf(this.value.dtype);
    const source = f.keep(f.types.i32, f.get(from));
    const to = f.keep(f.types.i32, f.get(this.panel));
    f.repeat(k, () => {
      for (let v = 0; v < vectors; v++) {
        const first = v * lanes;
        const whole = columnStride === bytes && first + lanes <= columns;
        const row = whole
          ? m.v128.load(first * bytes, bytes, f.get(source))
          : this.gathered(source, first, Math.min(lanes, columns - first), columnStride);
        f.emit(m.v128.store(16 * v, 16, f.get(to), row));
      }
      f.add(source, rowStride);
      f.add(to, vectors * 16);
    });
  }

  private gathered(source: Local, first: number, count: number, stride: number): Expr {
    const { f, bytes } = this;
    const { v128 } = f.m;
    const at = (lane: number): number => (first + lane) * stride;
    let row = bytes === 4 ? v128.load32_zero(at(0), 4, f.get(source)) : v128.load64_zero(at(0), 8, f.get(source));
    for (let lane = 1; lane < count; lane++) {
      row =
        bytes === 4
          ? v128.load32_lane(at(lane), 4, lane, f.get(source), row)
          : v128.load64_lane(at(lane), 8, lane, f.get(source), row);
    }
    return row;
  }

  /** All rows of c against one panel. */
  private rows(panel: Local, panelStep: number, to: Local, columns: number, vectors: number): void {
    const { f, bytes } = this;
    const { m, n, rank } = this.sizes;
    const rowBytes = this.value.a.strides[rank] * bytes;
    const height = [4, 5, 3].find((rows) => m % rows === 0) ?? Math.min(4, m);
    const row = f.keep(f.types.i32, f.get(this.a));
    const out = f.keep(f.types.i32, f.get(to));
    const tile = (count: number): void => {
      this.tile(row, panel, panelStep, out, count, columns, vectors);
      f.add(row, count * rowBytes);
      f.add(out, count * n * bytes);
    };
    f.repeat(Math.floor(m / height), () => tile(height));
    if (m % height > 0) tile(m % height);
  }

  private tile(
    row: Local,
    panel: Local,
    panelStep: number,
    out: Local,
    height: number,
    columns: number,
    vectors: number,
  ): void {
    const { f, bytes } = this;
    const { k, n, rank } = this.sizes;
    const { m } = f;
    const type = bytes === 4 ? m.f32x4 : m.f64x2;
    const [rowBytes, stepBytes] = this.value.a.strides.slice(rank).map((stride) => stride * bytes);
    const totals = Array.from({ length: height * vectors }, () =>
      f.keep(f.types.v128, m.v128.const(new Uint8Array(16))),
    );
    const left = f.keep(f.types.i32, f.get(row));
    const right = f.keep(f.types.i32, f.get(panel));
    const step = (i: number): void => {
      const columnsOfB = Array.from({ length: vectors }, (_, v) =>
        f.keep(f.types.v128, m.v128.load(i * panelStep + 16 * v, bytes, f.get(right))),
      );
      for (let r = 0; r < height; r++) {
        const at = i * stepBytes + r * rowBytes;
        const element = bytes === 4 ? m.v128.load32_splat(at, 4, f.get(left)) : m.v128.load64_splat(at, 8, f.get(left));
        const splat = f.keep(f.types.v128, element);
        columnsOfB.forEach((column, v) => {
          const total = totals[r * vectors + v];
          f.set(total, type.add(f.get(total), type.mul(f.get(splat), f.get(column))));
        });
      }
    };
    const unroll = Math.min(4, k);
    f.repeat(Math.floor(k / unroll), () => {
      for (let i = 0; i < unroll; i++) step(i);
      f.add(left, unroll * stepBytes);
      f.add(right, unroll * panelStep);
    });
    for (let i = 0; i < k % unroll; i++) step(i);
    const lanes = lanesOf(this.value.dtype);
    for (let r = 0; r < height; r++) {
      for (let v = 0; v < vectors; v++) {
        this.storeRow(out, r * n * bytes + 16 * v, totals[r * vectors + v], Math.min(lanes, columns - v * lanes));
      }
    }
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
