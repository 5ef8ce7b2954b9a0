/** The race of queue.test.ts: trials of a second or less, some of which go on from the end of others. */
import { defineRace } from '../src/lab/race-spec.ts';
import { noisyTask } from './noisy-task.ts';

export default defineRace({
  name: 'queue',
  tasks: [{ task: noisyTask(), label: 'noisy', steps: 16_000, evaluations: 4 }],
  competitors: ['adamw', 'sgd[momentum=0.9]'],
  protocol: { kind: 'equal-budget', tuner: { kind: 'successive-halving', configurations: 4, eta: 2 } },
  seeds: 3,
  engine: 'wasm',
});
