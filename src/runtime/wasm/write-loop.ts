import { bytesPerElement, type DType } from '../../tensor/dtype.ts';
import { Accumulators } from './accumulate.ts';
import type { Addresses } from './addresses.ts';
import { accessesOf, arrange, type Nest } from './arrange.ts';
import type { Expr, FunctionBuilder, Local, Range } from './assembler.ts';
import { isImmediate } from './immediate.ts';
import type { Lanes, Register } from './lanes.ts';
import type { Access, Fold, LoopKernel, Source, Step } from './loop.ts';
import { ScalarLanes } from './scalar.ts';
import { VectorLanes } from './vector.ts';

/** How many elements the innermost body takes: one, or `unroll` times four. Undecided outside the vector loop. */
interface Mode {
  readonly lanes: 1 | 4;
  readonly unroll: number;
}
const single: Mode = { lanes: 1, unroll: 1 };

/** What is in registers so far: one copy for each unrolled part. Outside the vector loop `scalar` and its `splat`. */
class Registers {
  readonly scalar: Map<string, Register>;
  readonly splat: Map<string, Register>;
  readonly parts: Map<string, Register>[];
  constructor(from?: Registers, unroll = 0) {
    this.scalar = from?.scalar ?? new Map();
    this.splat = from?.splat ?? new Map();
    this.parts = Array.from({ length: unroll }, () => new Map());
  }
}

interface Pointer {
  readonly local: Local;
  /** Bytes a loop's step moves it, for each loop. */
  readonly steps: readonly number[];
}

const keyOf = (source: Source): string => ('load' in source ? `l${source.load}` : `s${source.step}`);

/** Writes the loop nest of a fused kernel. */
export class LoopWriter {
  private readonly f: FunctionBuilder;
  private readonly kernel: LoopKernel;
  private readonly nest: Nest;
  private readonly accesses: readonly Access[];
  private readonly pointers: Pointer[] = [];
  private readonly pointerOf: Pointer[] = [];
  private readonly immediate: number[] = [];
  private readonly levels = new Map<string, number>();
  private readonly scalars: ScalarLanes;
  private readonly vectors: VectorLanes;
  private readonly accumulators: readonly Accumulators[];
  private readonly totals = new Map<Fold, { scalar: Local; vectors: Register[] }>();
  private readonly runs: Local | null;
  private readonly range: Range | null;
  private readonly table: Local | null;

  /** With a range, only those items of the outermost loop are computed. */
  constructor(f: FunctionBuilder, kernel: LoopKernel, addresses: Addresses, frame: Local, range: Range | null) {
    this.f = f;
    this.kernel = kernel;
    this.range = range;
    this.nest = arrange(kernel);
    this.accesses = accessesOf(kernel);
    this.scalars = new ScalarLanes(f);
    this.vectors = new VectorLanes(f);
    this.accumulators = kernel.results.map(({ op, dtype }) => new Accumulators(f, op, dtype));
    this.runs = kernel.segments && f.keep(f.types.i32, addresses.of(f, frame, kernel.segments));
    this.openPointers(addresses, frame);
    this.table = kernel.tasks && f.keep(f.types.i32, addresses.of(f, frame, kernel.tasks));
    this.findLevels();
  }

  write(): void {
    this.level(0, this.nest.vector < 0 ? single : null, new Registers(undefined, this.nest.vector < 0 ? 1 : 0));
  }

  /** Accesses of one buffer that move alike share a pointer and differ by a constant. An iota's pointer holds the number itself. */
  private openPointers(addresses: Addresses, frame: Local): void {
    const { f } = this;
    const shared = new Map<string, Pointer>();
    this.accesses.forEach(({ value, offset }, i) => {
      const size = value.kind === 'iota' ? 1 : bytesPerElement[value.dtype];
      const steps = this.nest.loops.map((loop) => loop.strides[i] * size);
      const constant = steps.every((step) => step >= 0) ? offset * size : 0;
      const start = offset * size - constant;
      this.immediate[i] = constant;
      const key = `${value.id}:${start}:${steps}`;
      let pointer = shared.get(key);
      if (!pointer) {
        const first = () => (value.kind === 'iota' ? f.i32(start) : addresses.of(f, frame, value, start));
        pointer = { local: isImmediate(value) ? f.local(f.types.i32) : f.keep(f.types.i32, first()), steps };
        shared.set(key, pointer);
        this.pointers.push(pointer);
      }
      this.pointerOf[i] = pointer;
    });
  }

  /** Where each load and step belongs: inside the innermost loop that changes it. */
  private findLevels(): void {
    this.kernel.loads.forEach((_, i) => {
      this.levels.set(`l${i}`, 1 + this.nest.loops.findLastIndex((loop) => loop.strides[i] !== 0));
    });
    this.kernel.steps.forEach(({ args }, i) => {
      this.levels.set(`s${i}`, Math.max(0, ...args.map((arg) => this.levels.get(keyOf(arg)) ?? 0)));
    });
  }

  private level(l: number, mode: Mode | null, registers: Registers): void {
    const { loops, vector, foldFrom } = this.nest;
    this.evaluate(l, mode, registers);
    const last = loops[l]?.segments === false && loops[l - 1]?.segments === true;
    const scopes = this.kernel.results.filter((r) => (r.scope === 'fold' ? l === foldFrom : last));
    for (const result of scopes) this.begin(result, mode);
    if (l === loops.length) this.finishIteration(mode ?? single, registers);
    else if (l === vector) this.vectorLoop(l, registers);
    else if (loops[l].segments) this.segmentLoop(l, mode, registers);
    else if (last) this.scalarRun(l, mode, registers);
    else {
      this.times(l, loops[l].n, () => {
        this.level(l + 1, mode, registers);
        this.advance(l, 1);
      });
      this.rewind(l);
    }
    for (const result of scopes) this.finish(result, mode);
  }

  /** Runs a loop: of the outermost one, the items of the range, each of which is `stride` iterations. */
  private times(l: number, count: number, body: () => void, stride = 1): void {
    const { f, range } = this;
    if (l > 0 || !range) {
      f.repeat(count, body);
      return;
    }
    this.skip(0, () => f.get(range.from), stride);
    f.repeatDynamic(f.keep(f.types.i32, f.m.i32.sub(f.get(range.to), f.get(range.from))), body);
  }

  /** Moves all pointers over as many iterations of a loop as `count` times `stride` says. */
  private skip(l: number, count: () => Expr, stride = 1): void {
    const { f } = this;
    for (const { local, steps } of this.pointers) {
      if (steps[l] === 0) continue;
      f.set(local, f.m.i32.add(f.get(local), f.m.i32.mul(count(), f.i32(steps[l] * stride))));
    }
  }

  private advance(l: number, count: number): void {
    for (const { local, steps } of this.pointers) this.f.add(local, steps[l] * count);
  }

  private rewind(l: number): void {
    if (l > 0) this.advance(l, -this.nest.loops[l].n);
  }

  private vectorLoop(l: number, registers: Registers): void {
    const { unroll, loops } = this.nest;
    const pass = (mode: Mode) => (): void => {
      this.level(l + 1, mode, new Registers(registers, mode.unroll));
      this.advance(l, mode.lanes * mode.unroll);
    };
    const wide = pass({ lanes: 4, unroll });
    const narrow = pass({ lanes: 4, unroll: 1 });
    const tail = pass(single);
    if (loops[l - 1]?.segments) {
      const { f } = this;
      const { m } = f;
      const length = this.currentRun();
      const part = (value: () => number): Local => f.keep(f.types.i32, value());
      const shift = Math.log2(4 * unroll);
      f.repeatDynamic(
        part(() => m.i32.shr_u(f.get(length), f.i32(shift))),
        wide,
      );
      if (unroll > 1) {
        const rest = () => m.i32.and(f.get(length), f.i32(4 * unroll - 1));
        f.repeatDynamic(
          part(() => m.i32.shr_u(rest(), f.i32(2))),
          narrow,
        );
      }
      f.repeatDynamic(
        part(() => m.i32.and(f.get(length), f.i32(3))),
        tail,
      );
      return;
    }
    const { n } = loops[l];
    const passes = Math.floor(n / (4 * unroll));
    this.times(l, passes, wide, 4 * unroll);
    const rest = (): void => {
      this.f.repeat(Math.floor((n % (4 * unroll)) / 4), narrow);
      this.f.repeat(n % 4, tail);
    };
    if (l === 0 && this.range) this.f.if(this.f.m.i32.eq(this.f.get(this.range.to), this.f.i32(passes)), rest);
    else rest();
    this.rewind(l);
  }

  /** Length of the segment at hand. */
  private currentRun(): Local {
    const { f } = this;
    if (!this.runs) throw new Error('no segments');
    return f.keep(f.types.i32, f.m.i32.load(0, 4, f.get(this.runs)));
  }

  private scalarRun(l: number, mode: Mode | null, registers: Registers): void {
    this.f.repeatDynamic(this.currentRun(), () => {
      this.level(l + 1, mode, registers);
      this.advance(l, 1);
    });
  }

  private segmentLoop(l: number, mode: Mode | null, registers: Registers): void {
    const { f, runs } = this;
    if (!runs) throw new Error('no segments');
    const { n } = this.nest.loops[l];
    const piece = (): void => {
      this.level(l + 1, mode, registers);
      this.advance(l, 1);
      f.add(runs, 4);
    };
    if (l === 0 && this.table) this.pieces(this.table, runs, piece);
    else f.repeat(n, piece);
    if (l === 0) return;
    f.add(runs, -4 * n);
    this.rewind(l);
    this.rewind(l + 1); // the runs together moved over the whole dimension
  }

  /** The pieces of segments that one task takes: see `divideSegments`. */
  private pieces(table: Local, runs: Local, piece: () => void): void {
    const { f, range } = this;
    const { m } = f;
    if (!range) throw new Error('a table of tasks without a range');
    const row = f.keep(f.types.i32, m.i32.add(f.get(table), m.i32.mul(f.get(range.from), f.i32(12))));
    const entry = (at: number): Local => f.keep(f.types.i32, m.i32.load(4 * at, 4, f.get(row)));
    const [first, segment, element, end] = [0, 1, 2, 3].map(entry);
    f.set(runs, m.i32.add(f.get(runs), m.i32.mul(f.get(first), f.i32(4))));
    this.skip(0, () => f.get(segment));
    this.skip(1, () => f.get(element));
    f.repeatDynamic(f.keep(f.types.i32, m.i32.sub(f.get(end), f.get(first))), piece);
  }

  /** Loads and computes what belongs to this level. */
  private evaluate(l: number, mode: Mode | null, registers: Registers): void {
    const { loads, steps } = this.kernel;
    const keep = (
      key: string,
      make: (lanes: Lanes, part: number, of: (source: Source) => Register, dtype: DType) => Register,
      dtype: DType,
    ): void => {
      if (this.levels.get(key) !== l) return;
      if (!mode) {
        const value = make(this.scalars, 0, (source) => registers.scalar.get(keyOf(source)) as Register, dtype);
        registers.scalar.set(key, value);
        registers.splat.set(key, this.vectors.splat(dtype, value));
        return;
      }
      const lanes = mode.lanes === 4 ? this.vectors : this.scalars;
      for (let part = 0; part < mode.unroll; part++) {
        const of = (source: Source): Register => this.find(registers, mode, part, source);
        registers.parts[part].set(key, make(lanes, part, of, dtype));
      }
    };
    loads.forEach((access, i) => {
      keep(`l${i}`, (lanes, part) => this.load(lanes, i, access, part, mode), access.value.dtype);
    });
    steps.forEach((step, i) => {
      keep(`s${i}`, (lanes, _, of) => this.compute(lanes, step, of), step.value.dtype);
    });
  }

  private find(registers: Registers, mode: Mode, part: number, source: Source): Register {
    const key = keyOf(source);
    const found = registers.parts[part]?.get(key) ?? (mode.lanes === 4 ? registers.splat : registers.scalar).get(key);
    if (!found) throw new Error(`${key} is not computed yet`);
    return found;
  }

  /** Bytes from one element to the next along the vector loop. */
  private lane(i: number): number {
    const { vector } = this.nest;
    return vector < 0 ? 0 : this.pointerOf[i].steps[vector];
  }

  private load(lanes: Lanes, i: number, { value }: Access, part: number, mode: Mode | null): Register {
    if (isImmediate(value)) {
      const one = this.scalars.constant(value.dtype, value.values[0]);
      return lanes === this.vectors ? this.vectors.splat(value.dtype, one) : one;
    }
    const { local } = this.pointerOf[i];
    const stride = this.lane(i);
    const offset = this.immediate[i] + (mode?.lanes === 4 ? part * 4 * stride : 0);
    if (value.kind === 'iota') return lanes.iota(value.dtype, local, offset, stride);
    if (lanes === this.vectors && stride === 0) {
      return this.vectors.splat(value.dtype, this.scalars.load(value.dtype, local, offset));
    }
    return lanes.load(value.dtype, local, offset, stride);
  }

  private compute(lanes: Lanes, { value, args }: Step, of: (source: Source) => Register): Register {
    const typed = args[value.op === 'where' ? 1 : 0];
    const second = args[1];
    const exponent = second && 'load' in second ? this.kernel.loads[second.load].value : undefined;
    return lanes.apply(
      {
        op: value.op,
        to: value.dtype,
        from: this.dtypeOf(typed),
        constant: exponent && isImmediate(exponent) ? exponent.values[0] : undefined,
      },
      args.map(of),
    );
  }

  private dtypeOf = (source: Source): DType =>
    ('load' in source ? this.kernel.loads[source.load] : this.kernel.steps[source.step]).value.dtype;

  private finishIteration(mode: Mode, registers: Registers): void {
    const { loads, stores, results } = this.kernel;
    const lanes = mode.lanes === 4 ? this.vectors : this.scalars;
    for (let part = 0; part < mode.unroll; part++) {
      stores.forEach(({ access, source }, s) => {
        const i = loads.length + s;
        const offset = this.immediate[i] + part * 4 * this.lane(i);
        lanes.store(access.value.dtype, this.pointerOf[i].local, offset, this.find(registers, mode, part, source));
      });
    }
    results.forEach((result, r) => {
      const totals = this.totals.get(result);
      if (!totals) throw new Error('no accumulator');
      const values = Array.from({ length: mode.unroll }, (_, part) => this.find(registers, mode, part, result.source));
      if (mode.lanes === 4) this.accumulators[r].addVectors(totals.vectors, values);
      else for (const value of values) this.accumulators[r].addScalar(totals.scalar, value);
    });
  }

  /** Opens accumulators: of both kinds when the vector loop lies inside, else of the kind and number that the mode says. */
  private begin(result: Fold, mode: Mode | null): void {
    const accumulators = this.accumulators[this.kernel.results.indexOf(result)];
    const wide = mode ? (mode.lanes === 4 ? mode.unroll : 0) : accumulators.parallel(this.nest.unroll);
    this.totals.set(result, {
      scalar: accumulators.beginScalar(),
      vectors: Array.from({ length: wide }, () => accumulators.beginVector()),
    });
  }

  private finish(result: Fold, mode: Mode | null): void {
    const r = this.kernel.results.indexOf(result);
    const i = this.kernel.loads.length + this.kernel.stores.length + r;
    const accumulators = this.accumulators[r];
    const totals = this.totals.get(result);
    if (!totals) throw new Error('no accumulator');
    const { dtype } = result.access.value;
    const { local } = this.pointerOf[i];
    if (mode?.lanes === 4) {
      totals.vectors.forEach((total, part) => {
        const offset = this.immediate[i] + part * 4 * this.lane(i);
        this.vectors.store(dtype, local, offset, accumulators.finishVector(total));
      });
      return;
    }
    if (!mode) accumulators.gather(totals.scalar, totals.vectors);
    this.scalars.store(dtype, local, this.immediate[i], accumulators.finishScalar(totals.scalar));
  }
}
