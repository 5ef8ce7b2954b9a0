import { bytesPerElement } from '../../tensor/dtype.ts';
import type { Local, Range } from './assembler.ts';
import type { PoolValue } from './ir.ts';
import { ScalarLanes, scalarType } from './scalar.ts';
import { beats, type Site, viewPointer } from './write-indexed.ts';

/** The max-pool family: finds the place of each window's first maximum, then reads x or t there, or adds dy there. */
export function writePool(site: Site, value: PoolValue, range: Range | null): void {
  const { f, addresses, frame } = site;
  const { m } = f;
  const { i32 } = f.types;
  const { window, stride, padding } = value.geometry;
  const { dtype, x, other, op, pooled } = value;
  const bytes = bytesPerElement[dtype];
  const [planes, height, width] = [x.shape[0] * x.shape[1], x.shape[2], x.shape[3]];
  const scalars = new ScalarLanes(f);
  const zero = (): Local => f.keep(i32, f.i32(0));

  const image = viewPointer(site, x);
  const second = other && viewPointer(site, other);
  const out = f.keep(i32, addresses.of(f, frame, value));
  const scatters = op === 'maxPoolScatter';

  /** The window whose corner is (top, left): byte offset of its first maximum in the plane. */
  const winner = (top: Local, left: Local): Local => {
    const place = f.keep(i32, f.i32(-1));
    const best = f.local(scalarType(f, dtype));
    const row = f.keep(i32, f.get(top));
    f.repeat(window[0], () => {
      f.if(m.i32.lt_u(f.get(row), f.i32(height)), () => {
        const column = f.keep(i32, f.get(left));
        f.repeat(window[1], () => {
          f.if(m.i32.lt_u(f.get(column), f.i32(width)), () => {
            const index = m.i32.add(m.i32.mul(f.get(row), f.i32(width)), f.get(column));
            const at = f.keep(i32, m.i32.mul(index, f.i32(bytes)));
            const address = f.keep(i32, m.i32.add(f.get(image), f.get(at)));
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
  };

  const plane = (): void => {
    if (scatters) f.emit(m.memory.fill(f.get(out), f.i32(0), f.i32(height * width * bytes)));
    const top = zero();
    f.add(top, -padding[0][0]);
    f.repeat(pooled[2], () => {
      const left = zero();
      f.add(left, -padding[1][0]);
      f.repeat(pooled[3], () => {
        const place = winner(top, left);
        const base = scatters ? out : (second ?? image);
        const at = f.keep(i32, m.i32.add(f.get(base), f.get(place)));
        const [there] = scalars.load(dtype, at, 0);
        if (scatters && second) {
          const sum = scalars.apply({ op: 'add', to: dtype, from: dtype, constant: undefined }, [
            [there],
            scalars.load(dtype, second, 0),
          ]);
          scalars.store(dtype, at, 0, sum);
          f.add(second, bytes);
        } else {
          scalars.store(dtype, out, 0, [there]);
          f.add(out, bytes);
        }
        f.add(left, stride[1]);
      });
      f.add(top, stride[0]);
    });
    f.add(image, height * width * bytes);
    if (scatters) f.add(out, height * width * bytes);
    else if (second) f.add(second, height * width * bytes);
  };
  if (!range) {
    f.repeat(planes, plane);
    return;
  }
  // Those of the range: x and a scattered result move by planes of x, the others by pooled planes.
  const [whole, small] = [height * width * bytes, pooled[2] * pooled[3] * bytes];
  const skip = (pointer: Local, step: number): void =>
    f.set(pointer, m.i32.add(f.get(pointer), m.i32.mul(f.get(range.from), f.i32(step))));
  skip(image, whole);
  skip(out, scatters ? whole : small);
  if (second) skip(second, scatters ? small : whole);
  f.repeatDynamic(f.keep(i32, m.i32.sub(f.get(range.to), f.get(range.from))), plane);
}
