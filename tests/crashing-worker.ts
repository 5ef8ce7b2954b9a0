/** A worker that dies on trials of the competitor 'crash' and finishes all others. */
import type { FromWorker, ToWorker } from '../src/lab/messages.ts';
import { finishedOutcome } from '../src/testing/race.ts';

const tell = (message: FromWorker) => process.send?.(message);

process.on('message', (message: ToWorker) => {
  if (message.type === 'setup') tell({ type: 'ready', hasData: true });
  if (message.type !== 'run') return;
  if (message.plan.competitor === 'crash') process.kill(process.pid, 'SIGKILL');
  else tell({ type: 'ended', outcome: finishedOutcome(message.plan, process.pid) });
});
process.on('disconnect', () => process.exit(0));
