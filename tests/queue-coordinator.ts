/** Coordinates a race of the lab at an address: `queue-coordinator.ts <address> <race>`. What queue.test.ts kills and starts again. */
import { getProtocol } from '../src/lab/protocols/index.ts';
import { queueRunner } from '../src/lab/queue/queue-runner.ts';
import { supervise } from '../src/lab/run/supervisor.ts';
import { openLab } from '../src/lab/store/open.ts';

const [address, id] = process.argv.slice(2);
const lab = await openLab(address, { patience: Number.POSITIVE_INFINITY });
const { plan } = await lab.find(id);
const ledger = await lab.hold(id);
const say = (text: string) => process.stdout.write(`${text}\n`);
const runner = queueRunner({ address, lab, race: id, heartbeatSeconds: 10, onWarning: say });
await runner.prepare();
say('coordinates');
const status = await supervise({
  plan,
  protocol: getProtocol(plan.protocol.kind),
  runner,
  ledger,
  folders: null,
  signal: ledger.lost,
  onEvent: (event) => {
    if (event.type === 'ended') say(`ended ${event.trial.plan.id}`);
    if (event.type === 'lost') say(`lost ${event.plan.id}: ${event.why}`);
  },
});
await runner.close();
if (status === 'finished') await ledger.end('finished', 0);
await lab.close();
