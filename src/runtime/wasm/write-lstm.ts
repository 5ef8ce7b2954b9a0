import type { BinaryName, UnaryName } from '../../tensor/attrs.ts';
import type { Expr, FunctionBuilder, Local, Range } from './assembler.ts';
import type { LstmValue } from './ir.ts';
import type { LstmKernel } from './kernel.ts';
import type { Lanes, Register } from './lanes.ts';
import { type Blocks, panelsFor, panelWidth, productColumns } from './lstm.ts';
import { addOuterProducts } from './outer-products.ts';
import { heightOf } from './tile.ts';
import { along, type Site, viewPointer } from './write-indexed.ts';

/** Arithmetic on float32 registers. */
const arithmetic = (lanes: Lanes) => ({
  apply: (op: BinaryName | UnaryName, ...operands: readonly Register[]): Register =>
    lanes.apply({ op, to: 'float32', from: 'float32', constant: undefined }, operands),
  load: (pointer: Local, offset: number): Register => lanes.load('float32', pointer, offset, 4),
  store: (pointer: Local, offset: number, value: Register): void => lanes.store('float32', pointer, offset, value),
});

/**
 * A recurrence over all its steps. Rows of the batch do not know of each other, so each block of rows goes through all steps by itself: a
 * product with the packed weights, then the gates.
 */
export class LstmWriter {
  private readonly f: FunctionBuilder;
  private readonly value: LstmValue;
  private readonly blocks: Blocks;
  /** x, dy and the result at the block's rows in the current step; the panels of its lane; memory of the thread. */
  private readonly x: Local;
  private readonly dy: Local;
  private readonly out: Local;
  private readonly panels: Local;
  private readonly own: Local;
  private readonly start: { x: Local; dy: Local; out: Local; panels: Local };
  /** Bytes of a row of one quantity, of a step, of all steps; of a row of the product. */
  private readonly row: number;
  private readonly step: number;
  private readonly plane: number;
  private readonly productRow: number;

  constructor(site: Site, { value, blocks }: LstmKernel, own: Expr) {
    const { f, addresses, frame } = site;
    const { i32 } = f.types;
    this.f = f;
    this.value = value;
    this.blocks = blocks;
    const x = viewPointer(site, value.x);
    this.start = {
      x,
      dy: value.dy ? viewPointer(site, value.dy) : x,
      out: f.keep(i32, addresses.of(f, frame, value)),
      panels: viewPointer(site, value.panels),
    };
    [this.x, this.dy, this.out, this.panels] = [f.local(i32), f.local(i32), f.local(i32), f.local(i32)];
    this.own = f.keep(i32, own);
    this.row = 4 * value.hidden;
    this.step = value.rows * this.row;
    this.plane = value.steps * this.step;
    this.productRow = 4 * panelWidth * panelsFor(productColumns(value));
  }

  /** All blocks, or those of a range: first of one lane, then of the next. */
  write(range: Range | null): void {
    const { f, value, blocks } = this;
    const { m } = f;
    const { i32 } = f.types;
    const block = f.keep(i32, range ? f.get(range.from) : f.i32(0));
    const count = f.keep(
      i32,
      range ? m.i32.sub(f.get(range.to), f.get(range.from)) : f.i32(value.lanes * blocks.perLane),
    );
    const rest = value.rows - (blocks.perLane - 1) * blocks.rows;
    const within = (): Expr => m.i32.rem_u(f.get(block), f.i32(blocks.perLane));
    f.repeatDynamic(count, () => {
      this.enter(block, within);
      if (rest === blocks.rows) this.recur(rest);
      else
        f.ifElse(
          m.i32.eq(within(), f.i32(blocks.perLane - 1)),
          () => this.recur(rest),
          () => this.recur(blocks.rows),
        );
      f.add(block, 1);
    });
  }

  /** Sets the pointers to a block's rows in the first step. */
  private enter(block: Local, within: () => Expr): void {
    const { f, value, blocks, row, plane } = this;
    const { i32 } = f.m;
    const lane = (): Expr => i32.div_u(f.get(block), f.i32(blocks.perLane));
    const set = (to: Local, from: Local, planes: number, width: number): void => {
      f.set(to, i32.add(f.get(from), i32.mul(lane(), f.i32(planes * plane))));
      f.set(to, i32.add(f.get(to), i32.mul(within(), f.i32(blocks.rows * width * row))));
    };
    const forward = value.op === 'lstmTrace';
    set(this.x, this.start.x, forward ? 4 : 6, forward ? 4 : 1);
    set(this.dy, this.start.dy, 1, 1);
    set(this.out, this.start.out, forward ? 6 : 4, forward ? 1 : 4);
    const laneBytes = value.oneWeight ? 0 : (this.productRow * value.hidden * 4 * value.hidden) / productColumns(value);
    f.set(this.panels, i32.add(f.get(this.start.panels), i32.mul(lane(), f.i32(laneBytes))));
  }

  private recur(rows: number): void {
    if (this.value.op === 'lstmTrace') this.forward(rows);
    else this.backward(rows);
  }

  private forward(rows: number): void {
    const { f, row, step, plane } = this;
    this.activate(rows, true);
    f.repeat(this.value.steps - 1, () => {
      const hidden = f.keep(f.types.i32, f.get(this.out));
      f.add(hidden, 5 * plane);
      this.product(hidden, row, this.value.hidden, rows);
      f.add(this.x, 4 * step);
      f.add(this.out, step);
      this.activate(rows, false);
    });
  }

  /** The gates of one step, its cells and its hidden states. The first step begins with zeros. */
  private activate(rows: number, first: boolean): void {
    const { f, value, row, step, plane, productRow } = this;
    const [from, product, to] = [this.x, this.own, this.out].map((at) => f.keep(f.types.i32, f.get(at)));
    f.repeat(rows, () => {
      along(f, value.hidden, 4, [from, product, to], (lanes) => {
        const { apply, load, store } = arithmetic(lanes);
        const gate = (k: number): Register => {
          const ofInput = load(from, k * row);
          return first ? ofInput : apply('add', ofInput, load(product, k * row));
        };
        const [i, f, o] = [0, 1, 3].map((k) => apply('sigmoid', gate(k)));
        const g = apply('tanh', gate(2));
        const added = apply('mul', i, g);
        const c = first ? added : apply('add', apply('mul', f, load(to, 4 * plane - step)), added);
        const h = apply('mul', o, apply('tanh', c));
        [i, f, g, o, c, h].forEach((quantity, k) => {
          store(to, k * plane, quantity);
        });
      });
      f.add(from, 3 * row);
      f.add(product, productRow - row);
    });
  }

  private backward(rows: number): void {
    const { f, value, row, step, productRow } = this;
    f.emit(f.m.memory.fill(f.get(this.own), f.i32(0), f.i32(rows * (productRow + row))));
    f.add(this.x, (value.steps - 1) * step);
    f.add(this.dy, (value.steps - 1) * step);
    f.add(this.out, 4 * (value.steps - 1) * step);
    f.repeat(value.steps - 1, () => {
      this.pull(rows, false);
      this.product(this.out, 4 * row, 4 * value.hidden, rows);
      f.add(this.x, -step);
      f.add(this.dy, -step);
      f.add(this.out, -4 * step);
    });
    this.pull(rows, true);
  }

  /** The cotangents of the gates of one step, and of the cells before it. */
  private pull(rows: number, first: boolean): void {
    const { f, value, row, step, plane, productRow } = this;
    const { i32 } = f.types;
    const [trace, wanted, product, to] = [this.x, this.dy, this.own, this.out].map((at) => f.keep(i32, f.get(at)));
    const cells = f.keep(i32, f.get(this.own));
    f.add(cells, rows * productRow);
    f.repeat(rows, () => {
      along(f, value.hidden, 4, [trace, wanted, product, cells, to], (lanes) => {
        const { apply, load, store } = arithmetic(lanes);
        const mul = (a: Register, b: Register): Register => apply('mul', a, b);
        /** t y (1 - y) and t (1 - y^2): what passes through sigmoid and tanh. */
        const throughSigmoid = (t: Register, y: Register): Register => {
          const part = mul(t, y);
          return apply('sub', part, mul(part, y));
        };
        const throughTanh = (t: Register, y: Register): Register => apply('sub', t, mul(mul(t, y), y));
        const [i, f, g, o, c] = [0, 1, 2, 3, 4].map((k) => load(trace, k * plane));
        const tanhC = apply('tanh', c);
        const dh = apply('add', load(wanted, 0), load(product, 0));
        const dc = apply('add', load(cells, 0), throughTanh(mul(dh, o), tanhC));
        store(cells, 0, mul(dc, f));
        store(to, 0, throughSigmoid(mul(dc, g), i));
        const before = first ? null : mul(dc, load(trace, 4 * plane - step));
        store(to, row, before ? throughSigmoid(before, f) : apply('sub', f, f));
        store(to, 2 * row, throughTanh(mul(dc, i), g));
        store(to, 3 * row, throughSigmoid(mul(dh, tanhC), o));
      });
      f.add(product, productRow - row);
      f.add(to, 3 * row);
    });
  }

  /** Rows of `depth` numbers times the panels, to the thread's memory. */
  private product(a: Local, rowStep: number, depth: number, rows: number): void {
    const { f, productRow } = this;
    const { i32, v128 } = f.types;
    const panel = f.keep(i32, f.get(this.panels));
    const column = f.keep(i32, f.get(this.own));
    f.repeat(panelsFor(productColumns(this.value)), () => {
      const left = f.keep(i32, f.get(a));
      const to = f.keep(i32, f.get(column));
      const tile = (height: number): void => {
        const zero = (): Local => f.keep(v128, f.m.v128.const(new Uint8Array(16)));
        const totals = Array.from({ length: 2 * height }, zero);
        const right = { at: panel, rowStep: 4 * panelWidth, columnStep: 4 };
        addOuterProducts(f, 4, { at: left, rowStep, columnStep: 4 }, right, { height, vectors: 2, totals }, depth);
        totals.forEach((total, i) => {
          f.emit(f.m.v128.store((i >> 1) * productRow + 16 * (i & 1), 4, f.get(to), f.get(total)));
        });
        f.add(left, height * rowStep);
        f.add(to, height * productRow);
      };
      const height = heightOf(rows);
      f.repeat(Math.floor(rows / height), () => tile(height));
      if (rows % height > 0) tile(rows % height);
      f.add(panel, depth * 4 * panelWidth);
      f.add(column, 4 * panelWidth);
    });
  }
}
