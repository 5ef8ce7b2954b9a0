import { resolve } from 'node:path';
import { queueRunner } from '../lab/queue/queue-runner.ts';
import { runQueueWorker } from '../lab/queue/queue-worker.ts';
import type { RunningRace } from '../lab/race.ts';
import type { RaceResult } from '../lab/result.ts';
import type { TrialRunner } from '../lab/run/lane.ts';

/** The trials of a race in the queue of a database, for `thalweg worker` processes. */
export const queued =
  (address: string) =>
  ({ lab, id, onWarning }: RunningRace): TrialRunner => {
    if (lab === null || id === null) throw new Error('a race in a queue is kept in its database');
    return queueRunner({ address, lab, race: id, onWarning });
  };

/** Runs a race that is in a queue, and so many of its trials at once here, as one worker among others. */
export async function workingBeside(
  address: string,
  jobs: number,
  say: (text: string) => void,
  race: () => Promise<RaceResult>,
): Promise<RaceResult> {
  const over = new AbortController();
  const working =
    jobs === 0
      ? Promise.resolve(null)
      : runQueueWorker({
          address,
          jobs,
          checkpoints: resolve('thalweg-checkpoints'),
          signal: over.signal,
          onEvent: (event) => {
            if (event.type === 'warning') say(event.text);
            if (event.type === 'refused') say(`a worker of this process refuses ${event.race}: ${event.why}`);
          },
        });
  // A race whose worker cannot run still has the other ones.
  const worker = working.catch((error: Error) => say(`no trials run in this process: ${error.message}`));
  try {
    return await race();
  } finally {
    over.abort();
    await worker;
  }
}
