import { execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Table from 'cli-table3';
import { adam, sgd } from '../src/optim/index.ts';
import { type Contender, type MlpData, mlpData, numbers } from './data.ts';
import { type Effort, type Measured, race } from './measure.ts';
import { jaxMlp } from './peers/jax.ts';
import { loopAdam } from './peers/loop.ts';
import { matmul } from './peers/matmul.ts';
import { tfjsMlp } from './peers/tfjs.ts';
import { thalwegMlp, thalwegUpdate } from './peers/thalweg.ts';

// Thalweg beside its peers, in turn in one run. `npm run bench`; `-- --quick` for fewer rounds.

const quick = process.argv.includes('--quick');
const effort: Effort = quick ? { rounds: 5, turnMilliseconds: 60 } : { rounds: 15, turnMilliseconds: 250 };

/** Floating-point operations of forward and backward; the gradient of the input is not needed. */
const flopsOf = ({ sizes, batch }: MlpData): number => {
  const layers = sizes.slice(1).map((n, i) => 2 * batch * n * sizes[i]);
  return 3 * layers.reduce((a, b) => a + b, 0) - layers[0];
};

const digits = (x: number, n = 3): string => (Number.isFinite(x) ? x.toPrecision(n) : '');

/** A claim of the project about its own speed, and what came of it. */
const verdicts: string[] = [];
function judge(claim: string, value: number, holds: boolean): void {
  verdicts.push(`${holds ? 'met    ' : 'NOT MET'}  ${claim}: ${digits(value)}`);
}

function print(title: string, rows: readonly Measured[], unit: (ms: number) => string, [ours] = rows): void {
  const table = new Table({ head: [title, 'median', 'min', 'max', 'ratio to Thalweg', 'loss'], style: { head: [] } });
  for (const row of rows) {
    const { peer, median, min, max, loss } = row;
    table.push([peer, unit(median), unit(min), unit(max), digits(median / ours.median), digits(loss, 6)]);
  }
  process.stdout.write(`${table.toString()}\n`);
  for (const { peer, loss } of rows) {
    if (Math.abs(loss - ours.loss) > 1e-3)
      verdicts.push(`DIFFERS  loss of ${peer} after 20 steps: ${loss}, ours ${ours.loss}`);
  }
}

const ms = (value: number): string => `${digits(value)} ms`;

/** An MLP on every peer; whatever else is to be compared takes its turns among them and is not in the table. */
async function mlpRow(title: string, data: MlpData, others: readonly Contender[] = []) {
  const contenders = [await thalwegMlp(data, sgd({ lr: data.lr }), {}), await jaxMlp(data), await tfjsMlp(data)];
  const rows = await race([...contenders, ...others], effort);
  print(title, rows.slice(0, contenders.length), ms);
  return rows;
}

const { model } = cpus()[0];
process.stdout.write(`Node ${process.version}, ${cpus().length} x ${model}\n`);

const large = mlpData([784, 512, 512, 10], 128);
const size = 1024;
const title = 'MLP 784-512-512-10, batch 128: forward, backward, SGD';
const [ours, jax, tfjs, product] = await mlpRow(title, large, [await matmul(size)]);
const machine = (2 * size ** 3) / product.median / 1e6;
process.stdout.write(`matmul ${size}, in turn with these: ${ms(product.median)}, ${digits(machine)} GFLOP/s\n`);
const rate = flopsOf(large) / ours.median / 1e6;
process.stdout.write(`Thalweg: ${digits(rate)} GFLOP/s, ${digits((100 * rate) / machine)}% of the matmul rate\n`);
judge('MLP at least 6x faster than @jax-js/jax', jax.median / ours.median, jax.median >= 6 * ours.median);
judge('MLP at least 30x faster than TensorFlow.js wasm', tfjs.median / ours.median, tfjs.median >= 30 * ours.median);
judge('MLP step in at most 3.64 ms, 1.3x the prototype on its machine', ours.median, ours.median <= 3.64);
// The prototype ran at 146 of the 218 GFLOP/s of a 1024 matmul: the same target on a machine of any speed.
const share = rate / machine;
judge('MLP step at 0.515 or more of the matmul rate, 1/1.3 of the prototype', share, share >= 146 / 218 / 1.3);

await mlpRow('MLP 64-32-32-10, batch 32: forward, backward, SGD', mlpData([64, 32, 32, 10], 32));

const n = 1e6;
const gradient = numbers(n, 2);
const updates = await race([await thalwegUpdate(adam(), n, gradient), loopAdam(n, gradient)], effort);
print('Adam update of 1e6 parameters, one thread', updates, (value) => `${digits((value * 1e6) / n)} ns/parameter`);
const nanoseconds = (updates[0].median * 1e6) / n;
judge('Adam update in at most 1.5 ns per parameter', nanoseconds, nanoseconds <= 1.5);

const child = await promisify(execFile)(process.execPath, [
  ...process.execArgv,
  join(import.meta.dirname, 'memory.ts'),
]);
const { needed, used } = JSON.parse(child.stdout) as { needed: number; used: number };
process.stdout.write(
  `memory of a run of AdamW on an MLP 784-4096-4096-10, batch 512: ${digits(used / 2 ** 20)} MiB, ` +
    `of which weights, gradient, state, batch and activations are ${digits(needed / 2 ** 20)} MiB\n`,
);
judge('memory within 1.2x of what the run needs', used / needed, used <= 1.2 * needed);

process.stdout.write(`\n${verdicts.join('\n')}\n`);
process.exit(0); // TensorFlow.js keeps threads alive
