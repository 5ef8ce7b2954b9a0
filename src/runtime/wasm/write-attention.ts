import type { Expr, FunctionBuilder, Local, Range } from './assembler.ts';
import { type AttentionLayout, attentionItems, attentionLayout, mostQueries, panels, panelWidth } from './attention.ts';
import type { AttentionValue } from './ir.ts';
import { inlineVector } from './math.ts';
import { type Count, multiplyPanels, times } from './panel-product.ts';
import { gathered, type Matrix } from './panels.ts';
import { along, type Site, viewPointer } from './write-indexed.ts';

/** Some queries of a head: so many, and the keys up to the last of them. */
interface Block {
  readonly queries: number;
  readonly keys: Count;
}

/**
 * Causal attention, forward or back, head by head, some queries at a time: products with the keys up to the last of them, a softmax over
 * the keys with a query in each lane, products with what belongs to those keys. Weights never leave the memory of a thread.
 */
export class AttentionWriter {
  private readonly f: FunctionBuilder;
  private readonly value: AttentionValue;
  private readonly layout: AttentionLayout;
  private readonly own: Local;
  private readonly start: { readonly qkv: Local; readonly dy: Local; readonly out: Local };
  /** The head at hand in its first step: queries, keys and values. */
  private readonly part: readonly [Local, Local, Local];
  /** The first of the queries at hand: its number, and where it lies in queries, dy and the result. */
  private readonly query: Local;
  private readonly q: Local;
  private readonly dy: Local;
  private readonly out: Local;
  /** Bytes from a step to the next of queries, keys and values side by side, and of one of them. */
  private readonly wideRow: number;
  private readonly narrowRow: number;
  private readonly scale: number;
  private readonly back: boolean;

  constructor(site: Site, value: AttentionValue, own: Expr) {
    const { f, addresses, frame } = site;
    const { i32 } = f.types;
    this.f = f;
    this.value = value;
    this.layout = attentionLayout(value);
    this.own = f.keep(i32, own);
    const qkv = viewPointer(site, value.qkv);
    const dy = value.dy ? viewPointer(site, value.dy) : qkv;
    this.start = { qkv, dy, out: f.keep(i32, addresses.of(f, frame, value)) };
    this.part = [f.local(i32), f.local(i32), f.local(i32)];
    [this.query, this.q, this.dy, this.out] = [f.local(i32), f.local(i32), f.local(i32), f.local(i32)];
    this.narrowRow = 4 * value.heads * value.size;
    this.wideRow = 3 * this.narrowRow;
    this.scale = 1 / Math.sqrt(value.size);
    this.back = value.op === 'causalAttentionBackward';
  }

  /** All heads, or those of a range. */
  write(range: Range | null): void {
    const { f, value } = this;
    const { i32 } = f.m;
    const item = f.keep(f.types.i32, range ? f.get(range.from) : f.i32(0));
    const all = f.i32(attentionItems(value));
    const count = f.keep(f.types.i32, range ? i32.sub(f.get(range.to), f.get(range.from)) : all);
    const rest = value.steps % mostQueries;
    f.repeatDynamic(count, () => {
      this.enter(item);
      f.repeat((value.steps - rest) / mostQueries, () => {
        const keys = f.keep(f.types.i32, i32.add(f.get(this.query), f.i32(mostQueries)));
        this.block({ queries: mostQueries, keys });
      });
      if (rest > 0) this.block({ queries: rest, keys: value.steps });
      if (this.back) this.finish(item);
      f.add(item, 1);
    });
  }

  /** Where the head begins in a tensor whose steps are `row` bytes long. */
  private head(item: Local, start: Local, row: number): Expr {
    const { f, value } = this;
    const { i32 } = f.m;
    const sequence = i32.div_u(f.get(item), f.i32(value.heads));
    const head = i32.rem_u(f.get(item), f.i32(value.heads));
    const inHead = i32.add(f.get(start), i32.mul(head, f.i32(4 * value.size)));
    return i32.add(inHead, i32.mul(sequence, f.i32(value.steps * row)));
  }

  /** Sets the pointers to the first query of a head. */
  private enter(item: Local): void {
    const { f, layout, start, wideRow, narrowRow, value } = this;
    const [queries, keys, values] = this.part;
    f.set(queries, this.head(item, start.qkv, wideRow));
    f.set(keys, this.plus(queries, narrowRow));
    f.set(values, this.plus(keys, narrowRow));
    f.set(this.query, f.i32(0));
    f.set(this.q, f.get(queries));
    f.set(this.dy, this.head(item, start.dy, narrowRow));
    f.set(this.out, this.head(item, start.out, this.back ? wideRow : narrowRow));
    if (!this.aligned) {
      if (this.back) {
        this.copyIn(queries, wideRow, layout.queries);
        this.copyIn(keys, wideRow, layout.keys);
        this.copyIn(this.dy, narrowRow, layout.cotangents);
      } else this.copyIn(values, wideRow, layout.values);
    }
    if (!this.back) return;
    for (const at of [layout.ofKeys, layout.ofValues]) {
      f.emit(f.m.memory.fill(this.mine(at), f.i32(0), f.i32(value.steps * layout.featureRow)));
    }
  }

  private block(block: Block): void {
    const { f, layout, wideRow, narrowRow } = this;
    const { queries } = block;
    const [, keys, values] = this.part;
    const [weights, scores] = [layout.weights, layout.scores].map((at) => f.keep(f.types.i32, this.mine(at)));
    this.pack(this.q, wideRow, layout.queryPanels, this.scale, queries);
    this.meetKeys(block, keys, layout.queryPanels, weights);
    this.softmax(block, weights);
    if (!this.back) this.takeFrom(block, weights, this.rows(values, wideRow, layout.values), narrowRow);
    else {
      this.pack(this.dy, narrowRow, layout.cotangentPanels, 1, queries);
      this.meetKeys(block, values, layout.cotangentPanels, scores);
      this.throughSoftmax(block, weights, scores);
      this.takeFrom(block, scores, this.rows(keys, wideRow, layout.keys), wideRow);
      this.giveTo(block, scores, this.rowsAtHand(this.q, wideRow, layout.queries), layout.ofKeys);
      this.giveTo(block, weights, this.rowsAtHand(this.dy, narrowRow, layout.cotangents), layout.ofValues);
      f.add(this.dy, queries * narrowRow);
    }
    f.add(this.q, queries * wideRow);
    f.add(this.out, queries * (this.back ? wideRow : narrowRow));
    f.add(this.query, queries);
  }

  /** Keys, or values, times the panels of the queries at hand: a row for each key. */
  private meetKeys({ queries, keys }: Block, rows: Local, panelsAt: number, to: Local): void {
    const { f, value, layout } = this;
    multiplyPanels(f, {
      a: { at: rows, rowStep: this.wideRow, columnStep: 4 },
      b: { at: f.keep(f.types.i32, this.mine(panelsAt)), rowStep: 4 * panelWidth, columnStep: 4 },
      panelStep: 4 * panelWidth * value.size,
      to,
      toRow: layout.queryRow,
      rows: keys,
      panels: panels(queries),
      depth: value.size,
      adds: false,
    });
  }

  /** For each query at hand the sum of the rows of its keys, as `a` weighs them; written to the result. */
  private takeFrom({ queries, keys }: Block, a: Local, rows: Matrix, outRow: number): void {
    const { f, value, layout } = this;
    const to = f.keep(f.types.i32, this.mine(layout.result));
    multiplyPanels(f, {
      a: { at: a, rowStep: 4, columnStep: layout.queryRow },
      b: rows,
      panelStep: 4 * panelWidth,
      to,
      toRow: layout.featureRow,
      rows: queries,
      panels: panels(value.size),
      depth: keys,
      adds: false,
    });
    this.copyOut(to, this.out, outRow, queries);
  }

  /** Adds to the row of each key the rows of the queries at hand, as `a` weighs them. */
  private giveTo({ queries, keys }: Block, a: Local, rows: Matrix, toAt: number): void {
    const { f, value, layout } = this;
    multiplyPanels(f, {
      a: { at: a, rowStep: layout.queryRow, columnStep: 4 },
      b: rows,
      panelStep: 4 * panelWidth,
      to: f.keep(f.types.i32, this.mine(toAt)),
      toRow: layout.featureRow,
      rows: keys,
      panels: panels(value.size),
      depth: queries,
      adds: true,
    });
  }

  /** Do the features of a head fill panels? Else rows are copied, for the columns of a product come in panels. */
  private get aligned(): boolean {
    return this.value.size % panelWidth === 0;
  }

  /** The rows of a head, from its first step on: where they are, or copied to `offset`. */
  private rows(source: Local, row: number, offset: number): Matrix {
    const { f, layout } = this;
    if (this.aligned) return { at: source, rowStep: row, columnStep: 4 };
    return { at: f.keep(f.types.i32, this.mine(offset)), rowStep: layout.featureRow, columnStep: 4 };
  }

  /** The rows of the queries at hand; `source` points to the first of them. */
  private rowsAtHand(source: Local, row: number, offset: number): Matrix {
    const { f } = this;
    const { at, ...steps } = this.rows(source, row, offset);
    if (this.aligned) return { at, ...steps };
    const first = f.m.i32.mul(f.get(this.query), f.i32(steps.rowStep));
    return { at: f.keep(f.types.i32, f.m.i32.add(f.get(at), first)), ...steps };
  }

  /** The cotangents of all keys and values of a head. */
  private finish(item: Local): void {
    const { f, value, layout, wideRow, narrowRow } = this;
    f.set(this.out, this.head(item, this.start.out, wideRow));
    for (const at of [layout.ofKeys, layout.ofValues]) {
      f.add(this.out, narrowRow);
      this.copyOut(f.keep(f.types.i32, this.mine(at)), this.out, wideRow, value.steps);
    }
  }

  private plus(pointer: Local, bytes: number): Expr {
    return this.f.m.i32.add(this.f.get(pointer), this.f.i32(bytes));
  }

  /** An address in the memory of the thread. */
  private mine(offset: number): Expr {
    return this.plus(this.own, offset);
  }

  private scaled(x: Expr, scale: number): Expr {
    return scale === 1 ? x : this.f.m.f32x4.mul(x, this.f.splatted('f32', scale));
  }

  /** The queries at hand, from rows, in panels [panel, feature, query]; lanes without a query are zero. */
  private pack(source: Local, row: number, offset: number, scale: number, queries: number): void {
    const { f, value } = this;
    const { v128 } = f.m;
    const from = f.keep(f.types.i32, f.get(source));
    const to = f.keep(f.types.i32, this.mine(offset));
    const panel = (lanes: number): void => {
      const feature = f.keep(f.types.i32, f.get(from));
      f.repeat(value.size, () => {
        for (const first of [0, 4]) {
          const count = Math.min(4, lanes - first);
          const some = (): Expr => this.scaled(gathered(f, 4, feature, first, count, row), scale);
          f.emit(v128.store(4 * first, 16, f.get(to), count > 0 ? some() : v128.const(new Uint8Array(16))));
        }
        f.add(feature, 4);
        f.add(to, 4 * panelWidth);
      });
      f.add(from, panelWidth * row);
    };
    f.repeat(Math.floor(queries / panelWidth), () => panel(panelWidth));
    if (queries % panelWidth > 0) panel(queries % panelWidth);
  }

  /** All steps of a head, each a row. */
  private copyIn(source: Local, row: number, offset: number): void {
    const { f, value, layout } = this;
    const { v128 } = f.m;
    const { size, steps } = value;
    const from = f.keep(f.types.i32, f.get(source));
    const to = f.keep(f.types.i32, this.mine(offset));
    f.repeat(steps, () => {
      const [at, into] = [from, to].map((pointer) => f.keep(f.types.i32, f.get(pointer)));
      f.repeat(Math.floor(size / 4), () => {
        f.emit(v128.store(0, 16, f.get(into), v128.load(0, 4, f.get(at))));
        f.add(at, 16);
        f.add(into, 16);
      });
      if (size % 4 > 0) f.emit(v128.store(0, 16, f.get(into), gathered(f, 4, at, 0, size % 4, 4)));
      f.add(from, row);
      f.add(to, layout.featureRow);
    });
  }

  private copyOut(source: Local, target: Local, row: number, rows: number): void {
    const { f, value, layout } = this;
    const [from, to] = [source, target].map((pointer) => f.keep(f.types.i32, f.get(pointer)));
    f.repeat(rows, () => {
      along(f, value.size, 4, [from, to], (lanes) => lanes.store('float32', to, 0, lanes.load('float32', from, 0, 4)));
      f.add(from, layout.featureRow - 4 * value.size);
      f.add(to, row - 4 * value.size);
    });
  }

  /** Key after key, for eight queries at a time, as two vectors. `at` points to the first eight queries of the first key. */
  private alongKeys(keys: Count, at: readonly Local[], body: (at: readonly Local[]) => void): void {
    const { f, layout } = this;
    const row = at.map((pointer) => f.keep(f.types.i32, f.get(pointer)));
    times(f, keys, 1, () => {
      body(row);
      for (const pointer of row) f.add(pointer, layout.queryRow);
    });
  }

  /** Panel after panel of the queries at hand. */
  private perPanel(queries: number, matrices: readonly Local[], body: (at: readonly Local[]) => void): void {
    const { f } = this;
    const at = matrices.map((matrix) => f.keep(f.types.i32, f.get(matrix)));
    f.repeat(panels(queries), () => {
      body(at);
      for (const pointer of at) f.add(pointer, 4 * panelWidth);
    });
  }

  /** Two vectors, each for four queries. */
  private pair(make: (offset: number, i: number) => Expr): readonly Local[] {
    return [0, 1].map((i) => this.f.keep(this.f.types.v128, make(16 * i, i)));
  }

  /** Scores become weights; keys that come after a query have none. */
  private softmax({ queries, keys }: Block, weights: Local): void {
    const { f, layout } = this;
    const { v128, f32x4, i32x4 } = f.m;
    const never = (): Expr => f.splatted('f32', Number.NEGATIVE_INFINITY);
    const zero = (): Expr => v128.const(new Uint8Array(16));
    const lanes = (i: number): Expr =>
      v128.const(new Uint8Array(Int32Array.from([0, 1, 2, 3], (k) => 4 * i + k).buffer));
    const places = this.pair((_, i) => lanes(i));
    this.perPanel(queries, [weights], ([panel]) => {
      const top = this.pair(never);
      const raise = (i: number, score: Expr): void => f.set(top[i], f32x4.pmax(f.get(top[i]), score));
      const before = f.keep(f.types.i32, f.get(this.query));
      const at = f.keep(f.types.i32, f.get(panel));
      f.repeatDynamic(before, () => {
        for (const i of [0, 1]) raise(i, v128.load(16 * i, 16, f.get(at)));
        f.add(at, layout.queryRow);
      });
      const key = f.keep(f.types.v128, zero());
      f.repeat(queries, () => {
        for (const i of [0, 1]) {
          const known = i32x4.le_s(f.get(key), f.get(places[i]));
          const score = f.keep(f.types.v128, v128.bitselect(v128.load(16 * i, 16, f.get(at)), never(), known));
          f.emit(v128.store(16 * i, 16, f.get(at), f.get(score)));
          raise(i, f.get(score));
        }
        f.set(key, i32x4.add(f.get(key), f.splatted('i32', 1)));
        f.add(at, layout.queryRow);
      });
      const sums = this.pair(zero);
      this.alongKeys(keys, [panel], ([row]) => {
        for (const i of [0, 1]) {
          const x = f.keep(f.types.v128, f32x4.sub(v128.load(16 * i, 16, f.get(row)), f.get(top[i])));
          const power = f.keep(f.types.v128, inlineVector(f, 'exp', x));
          f.set(sums[i], f32x4.add(f.get(sums[i]), f.get(power)));
          f.emit(v128.store(16 * i, 16, f.get(row), f.get(power)));
        }
      });
      const inverse = this.pair((_, i) => f32x4.div(f.splatted('f32', 1), f.get(sums[i])));
      this.alongKeys(keys, [panel], ([row]) => {
        for (const i of [0, 1]) {
          const weight = f32x4.mul(v128.load(16 * i, 16, f.get(row)), f.get(inverse[i]));
          f.emit(v128.store(16 * i, 16, f.get(row), weight));
        }
      });
      for (const i of [0, 1]) f.set(places[i], i32x4.add(f.get(places[i]), f.splatted('i32', panelWidth)));
    });
  }

  /** Cotangents of weights become those of scores before they were scaled: w (t - sum of w t) / sqrt(d). */
  private throughSoftmax({ queries, keys }: Block, weights: Local, scores: Local): void {
    const { f } = this;
    const { v128, f32x4 } = f.m;
    this.perPanel(queries, [weights, scores], (panel) => {
      const load = (at: Local, i: number): Expr => v128.load(16 * i, 16, f.get(at));
      const sums = this.pair(() => v128.const(new Uint8Array(16)));
      this.alongKeys(keys, panel, ([w, t]) => {
        for (const i of [0, 1]) f.set(sums[i], f.module.multiplyAdd('f32x4', load(w, i), load(t, i), f.get(sums[i])));
      });
      this.alongKeys(keys, panel, ([w, t]) => {
        for (const i of [0, 1]) {
          const centred = f32x4.sub(load(t, i), f.get(sums[i]));
          f.emit(v128.store(16 * i, 16, f.get(t), f32x4.mul(this.scaled(load(w, i), this.scale), centred)));
        }
      });
    });
  }
}
