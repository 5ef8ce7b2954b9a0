import { bytesPerElement, type DType, isFloat } from '../../tensor/dtype.ts';
import type { Addresses } from './addresses.ts';
import type { Expr, FunctionBuilder, Local, Range } from './assembler.ts';
import type { ArgmaxValue, DecompositionValue, GatherValue, ScatterValue, View } from './ir.ts';
import { matricesOf } from './kernel.ts';
import type { Lanes } from './lanes.ts';
import { ScalarLanes, scalarType } from './scalar.ts';
import { VectorLanes } from './vector.ts';

/** Writes one kernel that is no fused loop. */
export interface Site {
  readonly f: FunctionBuilder;
  readonly addresses: Addresses;
  readonly frame: Local;
}

export function viewPointer({ f, addresses, frame }: Site, { value, offset }: View): Local {
  return f.keep(f.types.i32, addresses.of(f, frame, value, offset * bytesPerElement[value.dtype]));
}

/** Loads the index that `at` points to; the host throws when it lies outside [0, size). */
function checkedIndex({ f }: Site, at: Local, size: number, op: 'gather' | 'scatterAdd'): Local {
  const { m } = f;
  const index = f.keep(f.types.i32, m.i32.load(0, 4, f.get(at)));
  f.if(m.i32.ge_u(f.get(index), f.i32(size)), () => {
    const { i32, none } = f.types;
    f.emit(f.module.host(`outside.${op}`, [i32, i32], none, [f.get(index), f.i32(size)]));
  });
  return index;
}

/** Runs `body` over `count` consecutive elements at each pointer, four at a time and then singly; pointers end behind them. */
export function along(
  f: FunctionBuilder,
  count: number,
  bytes: number,
  pointers: readonly Local[],
  body: (lanes: Lanes) => void,
): void {
  const pass = (lanes: Lanes, elements: number) => (): void => {
    body(lanes);
    for (const pointer of pointers) f.add(pointer, elements * bytes);
  };
  f.repeat(Math.floor(count / 4), pass(new VectorLanes(f), 4));
  f.repeat(count % 4, pass(new ScalarLanes(f), 1));
}

/** base + index * stride. */
const element = (f: FunctionBuilder, base: Local, index: Local, stride: number): Local =>
  f.keep(f.types.i32, f.m.i32.add(f.get(base), f.m.i32.mul(f.get(index), f.i32(stride))));

export function writeGather(site: Site, value: GatherValue): void {
  const { f, addresses, frame } = site;
  const { outer, size, count, inner, dtype } = value;
  const bytes = bytesPerElement[dtype];
  const table = viewPointer(site, value.x);
  const out = f.keep(f.types.i32, addresses.of(f, frame, value));
  const indices = viewPointer(site, value.indices);
  f.repeat(outer, () => {
    const at = f.keep(f.types.i32, f.get(indices));
    f.repeat(count, () => {
      const from = element(f, table, checkedIndex(site, at, size, 'gather'), inner * bytes);
      along(f, inner, bytes, [from, out], (lanes) => {
        lanes.store(dtype, out, 0, lanes.load(dtype, from, 0, bytes));
      });
      f.add(at, 4);
    });
    f.add(table, size * inner * bytes);
  });
}

export function writeScatter(site: Site, value: ScatterValue): void {
  const { f, addresses, frame } = site;
  const { outer, size, count, inner, dtype } = value;
  const bytes = bytesPerElement[dtype];
  const out = f.keep(f.types.i32, addresses.of(f, frame, value));
  f.emit(f.m.memory.fill(f.get(out), f.i32(0), f.i32(outer * size * inner * bytes)));
  const from = viewPointer(site, value.updates);
  const indices = viewPointer(site, value.indices);
  const add = { op: 'add', to: dtype, from: dtype, constant: undefined } as const;
  f.repeat(outer, () => {
    const at = f.keep(f.types.i32, f.get(indices));
    f.repeat(count, () => {
      const to = element(f, out, checkedIndex(site, at, size, 'scatterAdd'), inner * bytes);
      along(f, inner, bytes, [from, to], (lanes) => {
        const sum = lanes.apply(add, [lanes.load(dtype, to, 0, bytes), lanes.load(dtype, from, 0, bytes)]);
        lanes.store(dtype, to, 0, sum);
      });
      f.add(at, 4);
    });
    f.add(out, size * inner * bytes);
  });
}

/** later > best, or the first NaN. */
export function beats(f: FunctionBuilder, dtype: DType, later: Local, best: Local): Expr {
  const { m, get } = f;
  if (!isFloat(dtype)) return m.i32.gt_s(get(later), get(best));
  const t = dtype === 'float32' ? m.f32 : m.f64;
  const firstNaN = m.i32.and(t.ne(get(later), get(later)), t.eq(get(best), get(best)));
  return m.i32.or(t.gt(get(later), get(best)), firstNaN);
}

export function writeArgmax(site: Site, value: ArgmaxValue): void {
  const { f, addresses, frame } = site;
  const { outer, size, inner } = value;
  const { dtype } = value.x.value;
  const bytes = bytesPerElement[dtype];
  const scalars = new ScalarLanes(f);
  const from = viewPointer(site, value.x);
  const out = f.keep(f.types.i32, addresses.of(f, frame, value));
  f.repeat(outer, () => {
    f.repeat(inner, () => {
      const at = f.keep(f.types.i32, f.get(from));
      const best = f.keep(scalarType(f, dtype), f.get(scalars.load(dtype, at, 0)[0]));
      const place = f.keep(f.types.i32, f.i32(0));
      const k = f.keep(f.types.i32, f.i32(0));
      f.repeat(size, () => {
        const [later] = scalars.load(dtype, at, 0);
        f.if(beats(f, dtype, later, best), () => {
          f.set(best, f.get(later));
          f.set(place, f.get(k));
        });
        f.add(at, inner * bytes);
        f.add(k, 1);
      });
      f.emit(f.m.i32.store(0, 4, f.get(out), f.get(place)));
      f.add(out, 4);
      f.add(from, bytes);
    });
    f.add(from, (size - 1) * inner * bytes);
  });
}

/**
 * Calls the host's `op`(x, result, matrices, from, to, rows, columns, is float64) for the matrices of the value that lie in the range, which
 * counts `before` matrices of other values first; null: for all.
 */
export function writeDecomposition(site: Site, value: DecompositionValue, before: number, range: Range | null): void {
  const { f, addresses, frame } = site;
  const { op, dtype } = value;
  const [m, n] = value.x.shape.slice(-2);
  const count = matricesOf(value);
  const { i32, none } = f.types;
  const own = (limit: Local): Expr => f.m.i32.sub(f.get(limit), f.i32(before));
  const args = [
    f.get(viewPointer(site, value.x)),
    addresses.of(f, frame, value),
    f.i32(count),
    range ? own(range.from) : f.i32(0),
    range ? own(range.to) : f.i32(count),
    f.i32(m),
    f.i32(n),
    f.i32(Number(dtype === 'float64')),
  ];
  f.emit(f.module.host(op, Array(args.length).fill(i32), none, args));
}
