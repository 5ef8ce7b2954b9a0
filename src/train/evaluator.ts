import type { Dataset } from '../data/dataset.ts';
import { fillBatch } from '../data/fill-batch.ts';
import { type Program, programOf } from '../optim/step-program.ts';
import type { Buffer } from '../runtime/engine.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Task } from '../tasks/task.ts';
import { Bundle, type Layout } from '../tensor/bundle.ts';
import { parameter } from '../tensor/functions.ts';
import { bindProgram } from './bound-program.ts';
import type { Buffers } from './buffers.ts';
import { batchSymbols, evaluationContext, lossOf, metricsOf } from './objective.ts';

export interface Means {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Examples in one evaluation call: enough to keep the machine busy, few enough for small memory. */
const evaluationBatch = 500;

interface Pass {
  /** 'loss' and the metrics. */
  readonly names: readonly string[];
  readonly fields: Readonly<Record<string, Buffer>>;
  readonly run: () => void | Promise<void>;
}

/** Evaluates a task over a whole data split, or the function itself where a task has no data. */
export class Evaluator {
  compileSeconds = 0;
  private readonly passes = new Map<number, Promise<Pass>>();
  private readonly task: Task;
  private readonly layout: Layout;
  private readonly runtime: Runtime;
  private readonly buffers: Buffers;

  constructor(task: Task, layout: Layout, runtime: Runtime, buffers: Buffers) {
    this.task = task;
    this.layout = layout;
    this.runtime = runtime;
    this.buffers = buffers;
  }

  /**
   * Exact means over all examples, with the parameters in the buffer of this name; the last batch may be smaller and counts by
   * its size.
   */
  async evaluate(w: string, data: Dataset | null): Promise<Means> {
    const total = data?.size ?? 1;
    const sums: Record<string, number> = {};
    for (let start = 0; start < total; start += evaluationBatch) {
      const size = Math.min(evaluationBatch, total - start);
      const pass = await this.pass(size, w, data);
      if (data)
        fillBatch(
          data,
          Int32Array.from({ length: size }, (_, i) => start + i),
          pass.fields,
        );
      await pass.run();
      for (const name of pass.names) {
        const mean = (this.buffers.find(`evaluate.${name}`) as Buffer).data[0];
        sums[name] = (sums[name] ?? 0) + mean * (size / total);
      }
    }
    const { loss, ...metrics } = sums;
    return { loss, metrics };
  }

  private pass(size: number, w: string, data: Dataset | null): Promise<Pass> {
    const found = this.passes.get(size) ?? this.compile(size, w, data);
    this.passes.set(size, found);
    return found;
  }

  private async compile(size: number, w: string, data: Dataset | null): Promise<Pass> {
    const start = performance.now();
    const fields = data?.fields ?? {};
    const prefix = `evaluate${size}`;
    const program = this.trace(w, prefix, size, fields);
    const rename = Object.fromEntries(program.outputs.map((name) => [name, `evaluate.${name}`]));
    const bound = await bindProgram(program, this.runtime, this.buffers, rename);
    const pass: Pass = {
      names: program.outputs,
      fields: Object.fromEntries(
        Object.entries(fields).map(([name, { shape, dtype }]) => [
          name,
          this.buffers.get(`${prefix}.${name}`, [size, ...shape], dtype),
        ]),
      ),
      run: () => bound.run(0, 0),
    };
    this.compileSeconds += (performance.now() - start) / 1000;
    return pass;
  }

  private trace(point: string, prefix: string, size: number, fields: Dataset['fields']): Program {
    const w = Bundle.fromFlat(this.layout, parameter(point, [this.layout.size]));
    const input = {
      params: w.toRecord(),
      batch: batchSymbols(prefix, fields, size),
      context: evaluationContext(this.task),
    };
    return programOf({ loss: lossOf(this.task, input), ...metricsOf(this.task, input) });
  }
}
