import { errorRate, meanCrossEntropy } from '../nn/losses.ts';
import { mlp } from '../nn/mlp.ts';
import type { DrivenOptimizer } from '../optim/driven.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import { noCalls, type OracleCalls } from '../optim/oracle.ts';
import type { AnyOptimizer } from '../optim/registry.ts';
import { type StepProgram, serves, traceInit, traceStep } from '../optim/step-program.ts';
import { fillRandom } from '../runtime/random.ts';
import { createRuntime } from '../runtime/runtime.ts';
import { defineTask } from '../tasks/define.ts';
import { sotuCharGpt } from '../tasks/sotu.ts';
import type { Task } from '../tasks/task.ts';
import type { Layout } from '../tensor/bundle.ts';
import { bytesOf } from '../tensor/dtype.ts';
import { layoutOf, trainingObjective } from '../train/objective.ts';
import { train } from '../train/train.ts';

/** What a step of a method costs; nothing here is declared by the method. */
export interface MeasuredCost {
  /** Oracle calls of one step, on average, on a small perceptron. */
  readonly calls: OracleCalls;
  /** Bytes of state for each parameter, on the parameters of the GPT task (for a driven method on those of the perceptron). */
  readonly stateBytesPerParameter: number;
  /** The same by what is kept, largest first. */
  readonly state: readonly StatePart[];
}

/** One thing that a method keeps between steps. */
export interface StatePart {
  /** As the method calls it. */
  readonly name: string;
  readonly bytesPerParameter: number;
}

/** Layer sizes of the perceptron that calls are counted on. */
export const callsMeasuredOn = [32, 64, 32, 10] as const;

/** The task whose parameters state is measured on. Only their shapes are needed, no data. */
export const stateMeasuredOn: Task = sotuCharGpt();

/** A symbolic method is traced; its programs over this many steps, so that what it does every k steps is counted in. */
const tracedSteps = 1000;
/** A driven method runs this many steps. */
const drivenSteps = 10;
const batchSize = 4;
const examples = 40;

/** Counts the oracle calls of an optimizer, and the bytes of its state. */
export const measureCost = (optimizer: AnyOptimizer): Promise<MeasuredCost> =>
  optimizer.kind === 'driven' ? runDriven(optimizer) : traceSymbolic(optimizer);

async function traceSymbolic(optimizer: Optimizer): Promise<MeasuredCost> {
  const state = stateOf(optimizer, layoutOf(stateMeasuredOn));
  return {
    calls: await callsOf(optimizer),
    stateBytesPerParameter: state.reduce((sum, { bytesPerParameter }) => sum + bytesPerParameter, 0),
    state,
  };
}

/** The name of a thing in the state without its place in lists and wrappers: 'state.base.moments.3.rows' is moments.rows. */
const partName = (path: string): string =>
  path
    .split('.')
    .slice(1)
    .filter((part) => !/^(base|own|\d+)$/.test(part))
    .join('.') || 'state';

/** What the initial state takes, which is all that there ever is: shapes are static. */
function stateOf(optimizer: Optimizer, layout: Layout): StatePart[] {
  const { graph, outputs } = traceInit(optimizer, layout);
  const bytes = new Map<string, number>();
  outputs.forEach((path, i) => {
    const name = partName(path);
    bytes.set(name, (bytes.get(name) ?? 0) + bytesOf(graph.outputs[i]));
  });
  return [...bytes]
    .map(([name, total]) => ({ name, bytesPerParameter: total / layout.size }))
    .sort((a, b) => b.bytesPerParameter - a.bytesPerParameter);
}

async function callsOf(optimizer: Optimizer): Promise<OracleCalls> {
  const task = smallTask();
  const layout = layoutOf(task);
  const fields = (await task.data())?.train.fields ?? {};
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
  return perStep(total, tracedSteps);
}

/** A driven method has no program to look at, and sees the parameters as one vector of any length: it is run. */
async function runDriven(optimizer: DrivenOptimizer): Promise<MeasuredCost> {
  const runtime = createRuntime({ engine: 'wasm' });
  const options = { task: smallTask(), optimizer, runtime, steps: drivenSteps, evaluateEvery: drivenSteps };
  const { cost, steps } = await train(options);
  const { stateBytesPerParameter } = cost;
  const state = [{ name: 'state', bytesPerParameter: stateBytesPerParameter }];
  return { calls: perStep(cost.calls, steps), stateBytesPerParameter, state };
}

function smallTask(): Task {
  const [inputs, , , classes] = callsMeasuredOn;
  const x = new Float32Array(examples * inputs);
  fillRandom(x, 'normal', { seed: 0, stream: 'measure', step: 0 });
  const y = Int32Array.from({ length: examples }, (_, i) => i % classes);
  return defineTask({
    id: 'measure',
    model: mlp(callsMeasuredOn),
    data: { x: { data: x, shape: [inputs] }, y: { data: y } },
    loss: (logits, { y: labels }) => meanCrossEntropy(logits, labels),
    metrics: (logits, { y: labels }) => ({ error: errorRate(logits, labels) }),
    labels: 'y',
    batchSize,
  });
}

const perStep = (calls: OracleCalls, steps: number): OracleCalls => ({
  loss: calls.loss / steps,
  gradient: calls.gradient / steps,
  hessianVector: calls.hessianVector / steps,
  perExample: calls.perExample / steps,
});
