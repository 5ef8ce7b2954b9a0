/**
 * Another process on a lab, for tests: `lab-process.ts <what> <lab> <race> ...`.
 * hold <lease>: holds the race until it is killed; when the hold is lost, it tries to write a trial and to end the race, and says what came
 * of it. record <error> <count>: waits for a line, then writes so many trials, each of which ends with that error. stream <error>: writes
 * trials, four at a time, until it is killed, and says how many it has written.
 */
import { once } from 'node:events';
import { openLab } from '../lab/store/open.ts';
import { finishedOutcome, trialPlan } from './race.ts';

const [what, where, race, ...rest] = process.argv.slice(2);
const lab = await openLab(where, { lease: what === 'hold' && rest[0] ? Number(rest[0]) : undefined });
const say = (text: string) => process.stdout.write(`${text}\n`);

switch (what) {
  case 'hold': {
    const held = await lab.hold(race);
    await held.started([trialPlan('adamw', 'tune', 0)], 1);
    say('ready');
    const busy = setInterval(() => {}, 1000);
    held.lost.addEventListener('abort', async () => {
      const plan = trialPlan('adamw', 'final', 0);
      await held.record([{ plan, outcome: finishedOutcome(plan, 0.9) }]);
      await held.end('finished', 1000).catch((error: Error) => say(error.message));
      await lab.close();
      clearInterval(busy);
    });
    break;
  }
  case 'stream': {
    const ledger = await lab.ledger(race);
    for (let i = 0; ; i += 4) {
      const plans = [0, 1, 2, 3].map((j) => trialPlan('adamw', 'tune', i + j));
      await ledger.started(plans, 1);
      await ledger.record(plans.map((plan) => ({ plan, outcome: finishedOutcome(plan, Number(rest[0])) })));
      say(String(i + 4));
    }
  }
  case 'record': {
    const [error, count] = rest.map(Number);
    say('ready');
    await once(process.stdin, 'data');
    const ledger = await lab.ledger(race);
    for (let i = 0; i < count; i++) {
      const plan = trialPlan('adamw', 'tune', i);
      await ledger.record([{ plan, outcome: finishedOutcome(plan, error) }]);
    }
    await lab.close();
    process.exit();
  }
}
