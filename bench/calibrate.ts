import Table from 'cli-table3';
import { meanCrossEntropy, mlp } from '../src/nn/index.ts';
import { adamw, sgd } from '../src/optim/index.ts';
import { traceStep } from '../src/optim/step-program.ts';
import { estimate, fitsWasm } from '../src/runtime/auto/cost.ts';
import type { EngineName } from '../src/runtime/engine.ts';
import { createRuntime } from '../src/runtime/runtime.ts';
import { simplify } from '../src/runtime/simplify.ts';
import { defineTask, logisticMnist, mnistCnn, mnistMlp, rosenbrock, type Task } from '../src/tasks/index.ts';
import { topological } from '../src/tensor/graph.ts';
import { bindProgram } from '../src/train/bound-program.ts';
import { Buffers } from '../src/train/buffers.ts';
import { layoutOf, trainingObjective } from '../src/train/objective.ts';
import { numbers } from './workloads/random.ts';

// Where the cost rule of the `auto` engine stands: the time of a step on each engine, what the rule expects, and what it chooses.
// node --conditions=thalweg-source bench/calibrate.ts [threads]

const threads = Number(process.argv[2] ?? 1);
const engines = ['onnx', 'wasm', 'auto'] as const satisfies readonly EngineName[];

const random = (sizes: readonly number[], examples: number): Task =>
  defineTask({
    id: `mlp ${sizes.join('-')}`,
    model: mlp(sizes),
    data: {
      x: { data: numbers(examples * sizes[0], 1), shape: [sizes[0]] },
      y: { data: Int32Array.from({ length: examples }, (_, i) => i % sizes[sizes.length - 1]) },
    },
    loss: (logits, { y }) => meanCrossEntropy(logits, y),
  });

const cases: readonly [Task, number][] = [
  [rosenbrock(), 1],
  [random([8, 16, 4], 100), 16],
  [random([64, 32, 32, 10], 100), 32],
  [random([64, 64, 64, 10], 100), 64],
  [logisticMnist(), 32],
  [logisticMnist(), 128],
  [mnistMlp(), 32],
  [mnistMlp(), 128],
  [mnistCnn(), 8],
  [mnistCnn(), 64],
];

/** Best time of one step, in microseconds, the engines in turn. */
async function measure(task: Task, batch: number) {
  const fields = (await task.data())?.train.fields ?? {};
  const optimizer = Object.keys(fields).length > 0 ? adamw() : sgd({ lr: 1e-4 });
  const program = traceStep(optimizer, layoutOf(task), () => trainingObjective(task, fields, batch), 1);
  const steps = await Promise.all(
    engines.map((engine) => {
      const runtime = createRuntime({ engine, threads });
      return bindProgram(program, runtime, new Buffers(runtime));
    }),
  );
  const best = engines.map(() => Number.POSITIVE_INFINITY);
  const end = performance.now() + 2000;
  for (let t = 1; t <= 10 || performance.now() < end; t++) {
    for (const [i, step] of steps.entries()) {
      const start = performance.now();
      await step.run(0, t);
      best[i] = Math.min(best[i], (performance.now() - start) * 1000);
    }
  }
  return { best, nodes: topological(simplify(program.graph).outputs) };
}

const head = ['step', 'batch', 'onnx', 'wasm', 'expected', 'auto', 'expected if split', 'its choice'];
const table = new Table({ head, style: { head: [] } });
for (const [task, batch] of cases) {
  const { best, nodes } = await measure(task, batch);
  const [onnx, wasm, auto] = best.map((us) => us.toFixed(0));
  const { whole, split } = estimate(nodes);
  const expected = [whole, split].map((ns) => (ns / 1000).toFixed(0));
  table.push([task.id, batch, onnx, wasm, expected[0], auto, expected[1], fitsWasm(nodes) ? 'wasm' : 'split']);
}
process.stdout.write(`best microseconds of a step, ${threads} thread(s)\n${table.toString()}\n`);
