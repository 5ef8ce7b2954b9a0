import { bytesPerElement } from '../../tensor/dtype.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { Local, Range } from './assembler.ts';
import type { PoolValue } from './ir.ts';
import { FourWindows } from './pool-lanes.ts';
import { ScalarLanes, scalarType } from './scalar.ts';
import { beats, type Site, viewPointer } from './write-indexed.ts';

/** Windows along an axis: so many begin before the image, so many lie within it, so many go beyond it. */
interface Along {
  readonly before: number;
  readonly within: number;
  readonly beyond: number;
}

function along(size: number, windows: number, window: number, stride: number, low: number): Along {
  const before = Math.min(windows, Math.ceil(low / stride));
  const whole = Math.floor((size - window + low) / stride) + 1;
  const within = Math.max(0, Math.min(windows, whole) - before);
  return { before, within, beyond: windows - before - within };
}

/**
 * The max-pool family: finds the place of each window's first maximum, then reads x or t there, or adds dy there. Windows of float32
 * within the image are taken four at a time.
 */
export class PoolWriter {
  private readonly site: Site;
  private readonly value: PoolValue;
  private readonly four: FourWindows | null;
  private readonly rows: Along;
  private readonly columns: Along;
  private readonly scatters: boolean;
  /** x; t or dy; the result. */
  private readonly image: Local;
  private readonly second: Local | null;
  private readonly out: Local;
  /** The corner of a window in its image. */
  private readonly top: Local;
  private readonly left: Local;

  constructor(site: Site, value: PoolValue) {
    const { f, addresses, frame } = site;
    const { i32 } = f.types;
    const { x, other, op, pooled, geometry, dtype } = value;
    const [, , height, width] = x.shape;
    const { window, stride, padding } = geometry;
    this.site = site;
    this.value = value;
    this.scatters = op === 'maxPoolScatter';
    this.image = viewPointer(site, x);
    this.second = other && viewPointer(site, other);
    this.out = f.keep(i32, addresses.of(f, frame, value));
    [this.top, this.left] = [f.local(i32), f.local(i32)];
    this.rows = along(height, pooled[2], window[0], stride[0], padding[0][0]);
    this.columns = along(width, pooled[3], window[1], stride[1], padding[1][0]);
    this.four = dtype === 'float32' && this.columns.within >= 4 ? new FourWindows(f, value) : null;
  }

  /** All planes, or those of a range. */
  write(range: Range | null): void {
    const { site, value, image, second, out, scatters } = this;
    const { f } = site;
    const { i32 } = f.m;
    const planes = sizeOf(value.x.shape.slice(0, 2));
    if (!range) {
      f.repeat(planes, () => this.plane());
      return;
    }
    // x and a scattered result move by planes of x, the others by pooled planes.
    const [whole, small] = [value.x.shape, value.pooled].map((shape) => (sizeOf(shape) / planes) * this.bytes);
    const skip = (pointer: Local, step: number): void =>
      f.set(pointer, i32.add(f.get(pointer), i32.mul(f.get(range.from), f.i32(step))));
    skip(image, whole);
    skip(out, scatters ? whole : small);
    if (second) skip(second, scatters ? small : whole);
    f.repeatDynamic(f.keep(f.types.i32, i32.sub(f.get(range.to), f.get(range.from))), () => this.plane());
  }

  private get bytes(): number {
    return bytesPerElement[this.value.dtype];
  }

  private plane(): void {
    const { site, value, rows, image, second, out, scatters } = this;
    const { f } = site;
    const { padding, stride } = value.geometry;
    const whole = value.x.shape[2] * value.x.shape[3] * this.bytes;
    if (scatters && !this.four?.coversAll) f.emit(f.m.memory.fill(f.get(out), f.i32(0), f.i32(whole)));
    f.set(this.top, f.i32(-padding[0][0]));
    const pass = (count: number, inside: boolean): void =>
      f.repeat(count, () => {
        this.row(inside);
        f.add(this.top, stride[0]);
      });
    pass(rows.before, false);
    pass(rows.within, true);
    pass(rows.beyond, false);
    f.add(image, whole);
    if (scatters) f.add(out, whole);
    else if (second) f.add(second, whole);
  }

  /** The windows of one row; `inside`: none of them goes beyond the image above or below. */
  private row(inside: boolean): void {
    const { site, value, columns, four } = this;
    const { f } = site;
    f.set(this.left, f.i32(-value.geometry.padding[1][0]));
    const singly = (count: number): void => f.repeat(count, () => this.window());
    if (!four || !inside) {
      singly(value.pooled[3]);
      return;
    }
    singly(columns.before);
    f.repeat(columns.within >> 2, () => this.windows(four));
    const rest = columns.within & 3;
    if (rest > 0 && four.repeatable) {
      this.advance(rest - 4);
      this.windows(four);
    } else singly(rest);
    singly(columns.beyond);
  }

  /** Moves on by `count` windows of a row. */
  private advance(count: number): void {
    const { site, value, second, out, scatters } = this;
    site.f.add(this.left, count * value.geometry.stride[1]);
    site.f.add(scatters && second ? second : out, count * this.bytes);
  }

  private windows(four: FourWindows): void {
    const { site, value, image, second, out } = this;
    const { f } = site;
    const { i32 } = f.m;
    const index = i32.add(i32.mul(f.get(this.top), f.i32(value.x.shape[3])), f.get(this.left));
    const corner = f.keep(f.types.i32, i32.mul(index, f.i32(this.bytes)));
    four.write(corner, image, second, out);
    this.advance(4);
  }

  private window(): void {
    const { site, value, image, second, out, scatters } = this;
    const { f } = site;
    const { dtype } = value;
    const scalars = new ScalarLanes(f);
    const place = this.winner();
    const at = f.keep(f.types.i32, f.m.i32.add(f.get(scatters ? out : (second ?? image)), f.get(place)));
    const there = scalars.load(dtype, at, 0);
    if (scatters && second) {
      const add = { op: 'add', to: dtype, from: dtype, constant: undefined } as const;
      scalars.store(dtype, at, 0, scalars.apply(add, [there, scalars.load(dtype, second, 0)]));
    } else scalars.store(dtype, out, 0, there);
    this.advance(1);
  }

  /** Of the window at the corner, byte offset in the plane of its first maximum. */
  private winner(): Local {
    const { f } = this.site;
    const { m } = f;
    const { i32 } = f.types;
    const { dtype, x, geometry } = this.value;
    const [, , height, width] = x.shape;
    const scalars = new ScalarLanes(f);
    const place = f.keep(i32, f.i32(-1));
    const best = f.local(scalarType(f, dtype));
    const row = f.keep(i32, f.get(this.top));
    f.repeat(geometry.window[0], () => {
      f.if(m.i32.lt_u(f.get(row), f.i32(height)), () => {
        const column = f.keep(i32, f.get(this.left));
        f.repeat(geometry.window[1], () => {
          f.if(m.i32.lt_u(f.get(column), f.i32(width)), () => {
            const index = m.i32.add(m.i32.mul(f.get(row), f.i32(width)), f.get(column));
            const at = f.keep(i32, m.i32.mul(index, f.i32(this.bytes)));
            const address = f.keep(i32, m.i32.add(f.get(this.image), f.get(at)));
            const [later] = scalars.load(dtype, address, 0);
            const first = m.i32.eq(f.get(place), f.i32(-1));
            f.if(m.i32.or(first, beats(f, dtype, later, best)), () => {
              f.set(best, f.get(later));
              f.set(place, f.get(at));
            });
          });
          f.add(column, 1);
        });
      });
      f.add(row, 1);
    });
    return place;
  }
}
