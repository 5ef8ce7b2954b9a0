import { setTimeout } from 'node:timers/promises';
import { Heap } from '../src/runtime/heap.ts';
import { createWasmEngine } from '../src/runtime/wasm/index.ts';
import { parameter } from '../src/tensor/functions.ts';

// A process of its own for threads.test.ts: computes with three threads, then ends; or drops the engine and waits until its threads end.

let alive = 0;
process.on('worker', (worker) => {
  alive++;
  worker.once('exit', () => {
    alive--;
  });
});

async function compute(): Promise<string> {
  const engine = createWasmEngine(new Heap({ shared: true }), { threads: 3, taskTime: 1000 });
  const x = parameter('x', [100_000]);
  const executable = await engine.compile({ inputs: [x], outputs: [x.add(1).tanh()] });
  const [from, to] = [engine.allocate([100_000], 'float32'), engine.allocate([100_000], 'float32')];
  const call = executable.bind([from], [to]);
  for (let i = 0; i < 10; i++) call();
  await setTimeout(1); // new threads are announced once this function waits
  return `computed ${to.data[99_999].toFixed(3)} with ${alive} threads beside`;
}

console.log(await compute());
if (process.argv[2] === 'drops them') {
  if (!globalThis.gc) throw new Error('--expose-gc is needed');
  while (alive > 0) {
    globalThis.gc();
    await setTimeout(20);
  }
  console.log('no threads left');
}
