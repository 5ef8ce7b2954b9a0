import { peer } from '../peers/thalweg/index.ts';
import type { SteadyRow } from '../result.ts';
import { readWorkload } from '../workloads/read.ts';

// Memory over many steps, in a process of its own with --expose-gc and a young generation that is never collected in between:
// steady.ts <workload.json> <steps>. Prints one JSON line.

const [path, count] = process.argv.slice(2);
const steps = Number(count);
const { gc } = globalThis;
if (!gc) throw new Error('needs --expose-gc');
const workload = readWorkload(path);
const loaded = await peer.load(workload);

// The first tenth warms up: compilers, caches, the pools of the engines.
await loaded.run(steps / 10);
gc();
const before = process.memoryUsage.rss();
const heap = process.memoryUsage().heapUsed;
const rest = steps - steps / 10;
await loaded.run(rest);
// What one step makes shows only in many: compilers make objects of their own now and then.
const allocated = Math.max(0, process.memoryUsage().heapUsed - heap) / rest;
gc();
const row: SteadyRow = { workload: workload.id, steps, growth: process.memoryUsage.rss() - before, allocated };
process.stdout.write(`${JSON.stringify(row)}\n`);
process.exit(0);
