import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createOracle, sgd, traceStep } from '../../src/optim/index.ts';
import { programOf } from '../../src/optim/step-program.ts';
import { createRuntime } from '../../src/runtime/runtime.ts';
import { Bundle } from '../../src/tensor/bundle.ts';
import { parameter } from '../../src/tensor/functions.ts';
import { RandomStreams } from '../../src/tensor/random.ts';
import { scalar, type Tensor } from '../../src/tensor/tensor.ts';
import { vmap } from '../../src/tensor/transforms.ts';
import { bindProgram } from '../../src/train/bound-program.ts';
import { Buffers } from '../../src/train/buffers.ts';
import { fillInputs, floats, inputsOf, layoutOf, lossOf } from '../peers/thalweg/loss.ts';
import { mlpModel } from '../peers/thalweg/models.ts';
import { bindStep } from '../peers/thalweg/step.ts';
import type { SweepRow } from '../result.ts';
import { summarize } from '../statistics.ts';
import { readWorkload } from '../workloads/read.ts';

// Trials per second of a sweep of learning rates on an MLP, three ways: sweep.ts <workload.json> <rounds>. Prints one JSON line.

const [path, argument] = process.argv.slice(2);
const trials = 16;
const steps = 200;
const rates = Array.from({ length: trials }, (_, i) => 1e-3 * 100 ** (i / (trials - 1)));

const workload = readWorkload(path);
const model = mlpModel(workload);
const layout = layoutOf(model);
const inputs = inputsOf(workload);
const objective = {
  batch: () => inputs,
  loss: (w: Bundle, batch: typeof inputs) => lossOf(model, w.toRecord(), batch),
};
const start = new Float32Array(layout.size);
for (const { name, offset } of layout.leaves) start.set(workload.tensors[name].data, offset);

/** Trains with one rate after the other; the program is compiled once. Answers the last losses. */
async function trainer(threads: number): Promise<(rates: readonly number[]) => Promise<number[]>> {
  const optimizer = sgd({ lr: rates[0] });
  const program = traceStep(optimizer, layout, () => objective, 1);
  const { buffers, take } = await bindStep(optimizer, layout, program, createRuntime({ threads }));
  fillInputs(workload, buffers);
  return async (some) => {
    const losses: number[] = [];
    for (const lr of some) {
      buffers.get('hyper.lr', [], 'float64').data[0] = lr;
      floats(buffers, 'w').set(start);
      for (let t = 0; t < steps; t++) {
        const pending = take();
        if (pending) await pending;
      }
      losses.push(floats(buffers, 'loss')[0]);
    }
    return losses;
  };
}

/** One program that takes a step of all trials: the step of the optimizer, mapped over weights and learning rates. */
async function mapped(): Promise<() => Promise<number[]>> {
  const optimizer = sgd();
  const step = (flat: Tensor, lr: Tensor) => {
    const { oracle } = createOracle(objective);
    const w = Bundle.fromFlat(layout, flat);
    const { value } = oracle.valueAndGrad(w);
    const one = scalar(1, 'float64');
    const hyper = { ...optimizer.values, lr, momentum: undefined, dampening: undefined, weightDecay: undefined };
    const random = new RandomStreams('sweep');
    const next = optimizer.step({
      w,
      state: {},
      oracle,
      t: one,
      horizon: one,
      schedule: one,
      hyper,
      every: () => true,
      random,
    });
    return { w: next.w.flat, loss: value };
  };
  const outputs = vmap(step)(parameter('w', [trials, layout.size]), parameter('lr', [trials]));
  const runtime = createRuntime({ threads: 2 });
  const buffers = new Buffers(runtime);
  const program = await bindProgram(programOf(outputs), runtime, buffers);
  fillInputs(workload, buffers);
  return async () => {
    floats(buffers, 'lr').set(rates);
    for (let i = 0; i < trials; i++) floats(buffers, 'w').set(start, i * layout.size);
    for (let t = 0; t < steps; t++) {
      const pending = program.run(0, t);
      if (pending) await pending;
    }
    return [...floats(buffers, 'loss')];
  };
}

/** Processes that are started once and then get their share of the trials, as a race does it. */
async function processes(count: number): Promise<() => Promise<number[]>> {
  const children = Array.from({ length: count }, () => fork(import.meta.filename, [path, 'worker']));
  await Promise.all(children.map((child) => once(child, 'message')));
  return async () => {
    const shares = children.map((child, i) => {
      const answer = once(child, 'message') as Promise<[number[]]>;
      child.send(rates.filter((_, k) => k % count === i));
      return answer;
    });
    const found = (await Promise.all(shares)).map(([losses]) => losses);
    return rates.map((_, k) => found[k % count][Math.floor(k / count)]);
  };
}

if (argument === 'worker') {
  const train = await trainer(1);
  process.on('message', async (some) => process.send?.(await train(some as number[])));
  process.on('disconnect', () => process.exit(0));
  process.send?.('ready');
} else {
  const single = await trainer(2);
  const ways: readonly [string, () => Promise<number[]>][] = [
    ['one after another', () => single(rates)],
    ['in 2 worker processes', await processes(2)],
    ['as one vmapped program', await mapped()],
  ];
  const times: number[][] = ways.map(() => []);
  const losses: number[][] = [];
  for (const [i, [, run]] of ways.entries()) losses[i] = await run();
  for (let round = 0; round < Number(argument); round++) {
    for (const [i, [, run]] of ways.entries()) {
      const begin = performance.now();
      await run();
      times[i].push((performance.now() - begin) / 1000);
    }
  }
  const rows = ways.map(([way], i): SweepRow => {
    const differ = losses[i].some((loss, k) => !(Math.abs(loss - losses[0][k]) <= 1e-3 * Math.max(1, losses[0][k])));
    const note = differ ? 'its losses differ from those of one trial after another' : undefined;
    return { way, trialsPerSecond: trials / summarize(times[i]).median, note };
  });
  process.stdout.write(`${JSON.stringify(rows)}\n`);
  process.exit(0);
}
