import { errorRate, meanCrossEntropy } from '../nn/losses.ts';
import { mlp } from '../nn/mlp.ts';
import { noCalls, type OracleCalls } from '../optim/oracle.ts';
import type { AnyOptimizer } from '../optim/registry.ts';
import { type StepProgram, serves, traceInit, traceStep } from '../optim/step-program.ts';
import { fillRandom } from '../runtime/random.ts';
import { createRuntime } from '../runtime/runtime.ts';
import { defineTask } from '../tasks/define.ts';
import type { Task } from '../tasks/task.ts';
import { sizeOf } from '../tensor/shape.ts';
import { layoutOf, trainingObjective } from '../train/objective.ts';
import { train } from '../train/train.ts';

/** What a step of a method costs, as measured on a small perceptron; nothing here is declared by the method. */
export interface MeasuredCost {
  /** Oracle calls of one step, on average. */
  readonly calls: OracleCalls;
  readonly statePerParameter: number;
}

/** Layer sizes of the perceptron that costs are measured on. */
export const measuredOn = [32, 64, 32, 10] as const;

/** A symbolic method is traced; its programs over this many steps, so that what it does every k steps is counted in. */
const tracedSteps = 1000;
/** A driven method has no program to look at: it runs this many steps. */
const drivenSteps = 10;
const batchSize = 4;
const examples = 40;

function smallTask(): Task {
  const [inputs, , , classes] = measuredOn;
  const x = new Float32Array(examples * inputs);
  fillRandom(x, 'normal', { seed: 0, stream: 'measure', step: 0 });
  const y = Int32Array.from({ length: examples }, (_, i) => i % classes);
  return defineTask({
    id: 'measure',
    model: mlp(measuredOn),
    data: { x: { data: x, shape: [inputs] }, y: { data: y } },
    loss: (logits, { y: labels }) => meanCrossEntropy(logits, labels),
    metrics: (logits, { y: labels }) => ({ error: errorRate(logits, labels) }),
    batchSize,
  });
}

/** Traces (or, for a driven method, runs) an optimizer on a small perceptron and counts. */
export async function measureCost(optimizer: AnyOptimizer): Promise<MeasuredCost> {
  const task = smallTask();
  if (optimizer.kind === 'driven') {
    const runtime = createRuntime({ engine: 'wasm' });
    const { cost, steps } = await train({ task, optimizer, runtime, steps: drivenSteps, evaluateEvery: drivenSteps });
    return { calls: perStep(cost.calls, steps), statePerParameter: cost.statePerParameter };
  }
  const layout = layoutOf(task);
  const fields = (await task.data())?.train.fields ?? {};
  const state = traceInit(optimizer, layout).graph.outputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const programs: StepProgram[] = [];
  const total = noCalls();
  for (let t = 1; t <= tracedSteps; t++) {
    let program = programs.find((candidate) => serves(candidate, t));
    if (!program) {
      program = traceStep(optimizer, layout, () => trainingObjective(task, fields, batchSize), t);
      programs.push(program);
    }
    for (const kind of Object.keys(total) as (keyof OracleCalls)[]) total[kind] += program.calls[kind];
  }
  return { calls: perStep(total, tracedSteps), statePerParameter: state / layout.size };
}

const perStep = (calls: OracleCalls, steps: number): OracleCalls => ({
  loss: calls.loss / steps,
  gradient: calls.gradient / steps,
  hessianVector: calls.hessianVector / steps,
  perExample: calls.perExample / steps,
});
