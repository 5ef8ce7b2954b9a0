/** A worker that makes up its outcomes, and misbehaves on trials of competitors that are named so. */

import type { FromWorker, ToWorker } from '../src/lab/run/messages.ts';
import { finishedOutcome } from '../src/testing/race.ts';

const tell = (message: FromWorker) => process.send?.(message);
const hoard: Uint8Array[] = [];
const grow = (mebibytes: number) => hoard.push(new Uint8Array(mebibytes * 2 ** 20).fill(1));

const misbehaviour: Readonly<Record<string, () => void>> = {
  crash: () => process.kill(process.pid, 'SIGKILL'),
  hang: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  throw: () => {
    throw new Error('what went wrong');
  },
  leak: () => setInterval(() => grow(50), 50),
  grow: () => grow(420),
};
const endless = ['crash', 'hang', 'throw', 'leak'];

process.on('message', (message: ToWorker) => {
  if (message.type === 'setup') {
    if (message.setup.plan.name === 'dies at once') process.exit(7);
    tell({ type: 'ready' });
  }
  if (message.type !== 'run') return;
  const { competitor } = message.job[0];
  misbehaviour[competitor]?.();
  if (endless.includes(competitor)) return;
  const outcomes = message.job.map((plan) => finishedOutcome(plan, process.pid));
  setTimeout(() => tell({ type: 'ended', outcomes }), competitor === 'slow' ? 2500 : competitor === 'grow' ? 700 : 0);
});
setInterval(() => tell({ type: 'alive', bytes: process.memoryUsage.rss() }), 200);
process.on('disconnect', () => process.exit(0));
