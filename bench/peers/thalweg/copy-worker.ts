import { workerData } from 'node:worker_threads';

// The second thread of `copy` in machine.ts.

const { from, to, clock } = workerData as { from: Float32Array; to: Float32Array; clock: Int32Array };
for (let done = 0; ; done++) {
  while (Atomics.load(clock, 0) === done) Atomics.wait(clock, 0, done);
  to.set(from);
  Atomics.store(clock, 1, done + 1);
  Atomics.notify(clock, 1);
}
