import type { Expr, FunctionBuilder, Local } from './assembler.ts';
import type { PoolValue } from './ir.ts';
import { VectorLanes } from './vector.ts';

const bytes = 4;
/** The words of two vectors, as bytes of a shuffle. */
const words = (...indices: readonly number[]): number[] => indices.flatMap((i) => [0, 1, 2, 3].map((b) => 4 * i + b));
const evens = words(0, 2, 4, 6);
const odds = words(1, 3, 5, 7);

/** Four neighbouring windows of float32 at once, all within the image. */
export class FourWindows {
  /** No two windows share an element. */
  private readonly apart: boolean;
  /** Windows are two columns wide and apart: what is scattered to them is selected, not added place by place. */
  private readonly selects: boolean;
  private readonly f: FunctionBuilder;
  private readonly value: PoolValue;
  private readonly width: number;

  constructor(f: FunctionBuilder, value: PoolValue) {
    const { window, stride } = value.geometry;
    this.f = f;
    this.value = value;
    this.width = value.x.shape[3];
    this.apart = window.every((n, side) => n <= stride[side]);
    this.selects = this.apart && window[1] === 2 && stride[1] === 2;
  }

  /** May windows be computed twice? */
  get repeatable(): boolean {
    return this.apart || this.value.op !== 'maxPoolScatter';
  }

  /** Every element of the result is written by the windows. */
  get coversAll(): boolean {
    const { geometry, pooled, x } = this.value;
    const { window, stride, padding } = geometry;
    return (
      this.selects &&
      pooled[3] >= 4 &&
      padding.flat().every((n) => n === 0) &&
      window.every((n, side) => n === stride[side] && n * pooled[2 + side] === x.shape[2 + side])
    );
  }

  /** `corner` is the byte offset of the first window in its plane; `second` points to dy, or to the plane of t. */
  write(corner: Local, image: Local, second: Local | null, out: Local): void {
    const { f, value } = this;
    const { i32 } = f.types;
    const below = (plane: Local): Local => f.keep(i32, f.m.i32.add(f.get(plane), f.get(corner)));
    const { best, place } = this.winners(below(image));
    if (value.op === 'maxPool') f.emit(f.m.v128.store(0, bytes, f.get(out), f.get(best)));
    else if (value.op === 'maxPoolGather') this.gather(place, below(second as Local), out);
    else if (this.selects) this.select(place, second as Local, below(out));
    else this.scatter(place, second as Local, below(out));
  }

  /** The first maxima, and how many bytes they lie behind the corners. */
  private winners(at: Local): { best: Local; place: Local } {
    const { f } = this;
    const { f32x4, v128 } = f.m;
    const [height] = this.value.geometry.window;
    let best: Local | undefined;
    let place: Local | undefined;
    for (let row = 0; row < height; row++) {
      this.taps(at, row).forEach((later, column) => {
        const here = this.offset(row, column);
        if (!best || !place) {
          best = f.keep(f.types.v128, f.get(later));
          place = f.keep(f.types.v128, here);
          return;
        }
        // Not `later <= best` holds for NaN too, which wins over all but NaN.
        const [found, old] = [f.get(later), best];
        const number = f32x4.eq(f.get(old), f.get(old));
        const wins = f.keep(f.types.v128, v128.andnot(number, f32x4.le(found, f.get(old))));
        f.set(place, v128.bitselect(here, f.get(place), f.get(wins)));
        f.set(best, v128.bitselect(f.get(later), f.get(best), f.get(wins)));
      });
    }
    if (!best || !place) throw new Error('a window has no element');
    return { best, place };
  }

  /** Bytes between the corner of a window and one of its elements, in every lane. */
  private offset(row: number, column: number): Expr {
    return this.f.splatted('i32', bytes * (row * this.width + column));
  }

  /** The elements of the four windows in one row, column by column. */
  private taps(at: Local, row: number): readonly Local[] {
    const { f, width } = this;
    const { window, stride } = this.value.geometry;
    const lanes = new VectorLanes(f);
    const byteOf = (column: number): number => bytes * (row * width + column);
    const taps: Local[] = [];
    for (let column = 0; column < window[1]; column++) {
      if (stride[1] === 2 && column + 1 < window[1]) {
        const [low] = lanes.load('float32', at, byteOf(column), bytes);
        const [high] = lanes.load('float32', at, byteOf(column + 4), bytes);
        for (const part of [evens, odds]) {
          taps.push(f.keep(f.types.v128, f.m.i8x16.shuffle(f.get(low), f.get(high), part)));
        }
        column++;
      } else taps.push(lanes.load('float32', at, byteOf(column), bytes * stride[1])[0]);
    }
    return taps;
  }

  private gather(place: Local, t: Local, out: Local): void {
    const { f } = this;
    for (const lane of [0, 1, 2, 3]) {
      const from = f.m.f32.load(0, bytes, this.element(place, t, lane));
      f.emit(f.m.f32.store(bytes * lane, bytes, f.get(out), from));
    }
  }

  private scatter(place: Local, dy: Local, out: Local): void {
    const { f, apart } = this;
    const { f32 } = f.m;
    for (const lane of [0, 1, 2, 3]) {
      const to = f.keep(f.types.i32, this.element(place, out, lane));
      const change = f32.load(bytes * lane, bytes, f.get(dy));
      f.emit(f32.store(0, bytes, f.get(to), apart ? change : f32.add(f32.load(0, bytes, f.get(to)), change)));
    }
  }

  /** The address of the element that won the window of a lane. */
  private element(place: Local, corner: Local, lane: number): Expr {
    const { f } = this;
    const { i32, i32x4 } = f.m;
    const window = i32.add(f.get(corner), f.i32(bytes * lane * this.value.geometry.stride[1]));
    return i32.add(window, i32x4.extract_lane(f.get(place), lane));
  }

  private select(place: Local, dy: Local, out: Local): void {
    const { f, width } = this;
    const { i8x16, i32x4, v128 } = f.m;
    const change = f.keep(f.types.v128, v128.load(0, bytes, f.get(dy)));
    for (let row = 0; row < this.value.geometry.window[0]; row++) {
      const [left, right] = [0, 1].map((column) => {
        const won = i32x4.eq(f.get(place), this.offset(row, column));
        return f.keep(f.types.v128, v128.and(f.get(change), won));
      });
      [words(0, 4, 1, 5), words(2, 6, 3, 7)].forEach((interleaved, half) => {
        const both = i8x16.shuffle(f.get(left), f.get(right), interleaved);
        f.emit(v128.store(bytes * (row * width + 4 * half), bytes, f.get(out), both));
      });
    }
  }
}
