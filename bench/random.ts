/** Nanoseconds a number: the generators' words, plain and SIMD, and each distribution. Best of many runs; run it on a quiet machine. */
import { philoxWords } from '../src/runtime/philox.ts';
import { createPhiloxRun, runLength } from '../src/runtime/philox-simd.ts';
import { fillRandom, randomPermutation } from '../src/runtime/random.ts';

function report(what: string, numbers: number, work: (repeat: number) => void): void {
  let best = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < 200; repeat++) {
    const start = performance.now();
    work(repeat);
    best = Math.min(best, performance.now() - start);
  }
  console.log(`${what.padEnd(24)} ${((best * 1e6) / numbers).toFixed(2)} ns`);
}

const stream = { counter1: 1, counter2: 2, counter3: 3, key0: 4, key1: 5 };
const words = new Int32Array(runLength);
const simd = createPhiloxRun();
report('Philox words, plain', runLength, (repeat) => philoxWords(words, repeat, stream));
report('Philox words, SIMD', runLength, (repeat) => simd.run(runLength, repeat, stream));

const target = new Float32Array(1 << 16);
for (const distribution of ['uniform', 'normal', 'rademacher'] as const) {
  report(distribution, target.length, (step) => fillRandom(target, distribution, { seed: 0, stream: 'bench', step }));
}
report('permutation', 60_000, (step) => randomPermutation(60_000, { seed: 0, stream: 'bench', step }));
