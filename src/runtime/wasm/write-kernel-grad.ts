import type { Expr, FunctionBuilder, Local, Range } from './assembler.ts';
import type { KernelGradValue } from './ir.ts';
import { channelsAtOnce, kernelGradItems } from './kernel-grad.ts';
import { type Site, viewPointer } from './write-indexed.ts';

const bytes = 4;

/**
 * The gradient of a kernel, dk[o, c, i, j] = sum over images and pixels of dy[o] x[c at offset (i, j)], read where it lies: four pixels of
 * dy meet those of x at every offset of a row of the kernel. The sums of an image stay in registers.
 */
export class KernelGradWriter {
  private readonly f: FunctionBuilder;
  private readonly value: KernelGradValue;
  private readonly start: { readonly x: Local; readonly dy: Local; readonly out: Local };
  /** Of the part at hand, in the image at hand. */
  private readonly x: Local;
  private readonly dy: Local;
  private readonly out: Local;

  constructor(site: Site, value: KernelGradValue) {
    const { f, addresses, frame } = site;
    const { i32 } = f.types;
    this.f = f;
    this.value = value;
    this.start = {
      x: viewPointer(site, value.x),
      dy: viewPointer(site, value.dy),
      out: f.keep(i32, addresses.of(f, frame, value)),
    };
    [this.x, this.dy, this.out] = [f.local(i32), f.local(i32), f.local(i32)];
  }

  /** All parts, or those of a range. */
  write(range: Range | null): void {
    const { f, value } = this;
    const { i32 } = f.m;
    const [out, channels, rows] = value.shape;
    const item = f.keep(f.types.i32, range ? f.get(range.from) : f.i32(0));
    const all = kernelGradItems(value);
    const count = f.keep(f.types.i32, range ? i32.sub(f.get(range.to), f.get(range.from)) : f.i32(all));
    const group = (): Expr => i32.div_u(f.get(item), f.i32(channels * rows));
    const last = all / (channels * rows) - 1;
    const rest = out - last * channelsAtOnce(value);
    f.repeatDynamic(count, () => {
      this.enter(item, group);
      if (rest === channelsAtOnce(value)) this.part(rest);
      else
        f.ifElse(
          i32.eq(group(), f.i32(last)),
          () => this.part(rest),
          () => this.part(channelsAtOnce(value)),
        );
      f.add(item, 1);
    });
  }

  /** Sets the pointers to a part in the first image. */
  private enter(item: Local, group: () => Expr): void {
    const { f, value, start } = this;
    const { i32 } = f.m;
    const [, channels, rows, taps] = value.shape;
    const [, , height, width] = value.x.shape;
    const outs = channelsAtOnce(value);
    const row = (): Expr => i32.rem_u(f.get(item), f.i32(rows));
    const channel = (): Expr => i32.rem_u(i32.div_u(f.get(item), f.i32(rows)), f.i32(channels));
    const plus = (at: Expr, index: Expr, elements: number): Expr =>
      i32.add(at, i32.mul(index, f.i32(bytes * elements)));
    const inPlane = plus(f.get(start.x), row(), value.dilation[0] * width);
    f.set(this.x, plus(inPlane, channel(), height * width));
    f.set(this.dy, plus(f.get(start.dy), group(), outs * this.pixels));
    const inKernel = plus(f.get(start.out), i32.rem_u(f.get(item), f.i32(channels * rows)), taps);
    f.set(this.out, plus(inKernel, group(), outs * channels * rows * taps));
  }

  /** Pixels of a plane of dy. */
  private get pixels(): number {
    const [, , height, width] = this.value.dy.shape;
    return height * width;
  }

  private part(outs: number): void {
    const { f, value } = this;
    const [out, channels, , taps] = value.shape;
    const [images, , height, width] = value.x.shape;
    const { f32, f32x4 } = f.m;
    this.eachSum(outs, (_, offset) => f.emit(f32.store(offset, bytes, f.get(this.out), f32.const(0))));
    f.repeat(images, () => {
      const zero = (): Local => f.keep(f.types.v128, f32x4.splat(f32.const(0)));
      const totals = Array.from({ length: outs * taps }, zero);
      this.image(outs, totals);
      this.eachSum(outs, (i, offset) => {
        const [a, b, c, d] = [0, 1, 2, 3].map((lane) => f32x4.extract_lane(f.get(totals[i]), lane));
        const sum = f32.add(f32.add(a, b), f32.add(c, d));
        f.emit(f32.store(offset, bytes, f.get(this.out), f32.add(f32.load(offset, bytes, f.get(this.out)), sum)));
      });
      f.add(this.x, channels * height * width * bytes);
      f.add(this.dy, out * this.pixels * bytes);
    });
  }

  /** Every sum of a part, and how many bytes behind the first its place is. */
  private eachSum(outs: number, body: (i: number, offset: number) => void): void {
    const [, channels, rows, taps] = this.value.shape;
    for (let i = 0; i < outs * taps; i++) {
      body(i, bytes * (Math.floor(i / taps) * channels * rows * taps + (i % taps)));
    }
  }

  /** Adds the products of one image. */
  private image(outs: number, totals: readonly Local[]): void {
    const { f, value } = this;
    const [, , height, width] = value.dy.shape;
    const rest = width % 4;
    const x = f.keep(f.types.i32, f.get(this.x));
    const dy = f.keep(f.types.i32, f.get(this.dy));
    const move = (pixels: number): void => {
      f.add(x, pixels * bytes);
      f.add(dy, pixels * bytes);
    };
    f.repeat(height, () => {
      f.repeat(width >> 2, () => {
        this.fourPixels(x, dy, outs, totals, 4);
        move(4);
      });
      if (rest > 0) {
        // The last pixels, after some that are counted already.
        move(rest - 4);
        this.fourPixels(x, dy, outs, totals, rest);
        move(4);
      }
      f.add(x, (value.x.shape[3] - width) * bytes);
    });
  }

  /** The last `count` of four pixels, at every offset of the row. */
  private fourPixels(x: Local, dy: Local, outs: number, totals: readonly Local[], count: number): void {
    const { f, value } = this;
    const { v128 } = f.m;
    const { shape, dilation } = value;
    const [, , , taps] = shape;
    const counted = new Uint8Array(16).fill(255, 16 - bytes * count);
    const changes = Array.from({ length: outs }, (_, o) => {
      const there = v128.load(bytes * o * this.pixels, bytes, f.get(dy));
      return f.keep(f.types.v128, count < 4 ? v128.and(there, v128.const(counted)) : there);
    });
    for (let tap = 0; tap < taps; tap++) {
      const met = f.keep(f.types.v128, v128.load(bytes * tap * dilation[1], bytes, f.get(x)));
      changes.forEach((change, o) => {
        const total = totals[o * taps + tap];
        f.set(total, f.module.multiplyAdd('f32x4', f.get(change), f.get(met), f.get(total)));
      });
    }
  }
}
