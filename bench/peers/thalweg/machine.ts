import { Worker } from 'node:worker_threads';
import { createRuntime } from '../../../src/runtime/runtime.ts';
import { parameter } from '../../../src/tensor/functions.ts';
import { type Loaded, Unsupported, type Workload } from '../peer.ts';
import { repeat } from './step.ts';

/** The product of two matrices by ONNX Runtime. */
export async function matmul({ tensors: { a, b } }: Workload): Promise<Loaded> {
  const { engine } = createRuntime({ engine: 'onnx', threads: 2 });
  const symbols = [parameter('a', a.shape), parameter('b', b.shape)] as const;
  const executable = await engine.compile({ inputs: symbols, outputs: [symbols[0].matmul(symbols[1])] });
  const [left, right, product] = [a, b, a].map(({ shape }) => engine.allocate(shape, 'float32'));
  left.data.set(a.data);
  right.data.set(b.data);
  return {
    run: repeat(executable.bind([left, right], [product])),
    check: () => (product.data as Float32Array).reduce((sum, x) => sum + x * x, 0) / product.data.length,
    dispose: () => {},
  };
}

/** A copy within one memory, by this thread and others that each have their part. */
export async function copy({ tensors: { x }, numbers: { threads } }: Workload): Promise<Loaded> {
  if (threads > 2) throw new Unsupported('copies by one thread or two');
  const n = x.data.length;
  // Shared memory is copied more slowly: only where it is needed.
  const memory = threads === 1 ? new ArrayBuffer(8 * n) : new SharedArrayBuffer(8 * n);
  const [from, to] = [new Float32Array(memory, 0, n), new Float32Array(memory, 4 * n, n)];
  from.set(x.data);
  const check = (): number => to.reduce((sum, value) => sum + value * value, 0) / n;
  const half = threads === 1 ? n : n >> 1;
  const mine = (): void => to.subarray(0, half).set(from.subarray(0, half));
  if (threads === 1) return { run: repeat(mine), check, dispose: () => {} };
  // [steps asked for, steps done]: the other thread sleeps until the first moves.
  const clock = new Int32Array(new SharedArrayBuffer(8));
  const helper = new Worker(new URL('./copy-worker.ts', import.meta.url), {
    workerData: { from: from.subarray(half), to: to.subarray(half), clock },
  });
  await new Promise((resolve) => helper.once('online', resolve));
  const both = (): void => {
    const asked = Atomics.add(clock, 0, 1) + 1;
    Atomics.notify(clock, 0);
    mine();
    for (let done = Atomics.load(clock, 1); done < asked; done = Atomics.load(clock, 1)) Atomics.wait(clock, 1, done);
  };
  return { run: repeat(both), check, dispose: () => void helper.terminate() };
}
