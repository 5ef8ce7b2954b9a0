/** A process that runs a race of a lab, and says what happens: one line of JSON for each event. */
import { resumeRace } from '../../src/lab/race.ts';
import { numbersOf } from './numbers.ts';

export interface ChildOptions {
  readonly lab: string;
  readonly race: string;
  readonly jobs: number;
  readonly checkpointSeconds: number;
  readonly hangSeconds: number;
  readonly memoryLimit?: number;
}

export type Said =
  | { readonly type: 'started'; readonly trial: string; readonly batch?: string }
  | { readonly type: 'lost' | 'ended'; readonly trial: string; readonly status?: string; readonly why?: string }
  | { readonly type: 'progress'; readonly trial: string; readonly step: number }
  | { readonly type: 'warning'; readonly text: string }
  | { readonly type: 'result'; readonly status: string; readonly numbers: readonly string[] }
  | { readonly type: 'error'; readonly message: string };

const say = (said: Said): void => void process.stdout.write(`${JSON.stringify(said)}\n`);

const { lab, race, ...options } = JSON.parse(process.argv[2]) as ChildOptions;
const stop = new AbortController();
process.on('SIGINT', () => stop.abort());

try {
  const result = await resumeRace(lab, race, {
    ...options,
    signal: stop.signal,
    onEvent(event) {
      if (event.type === 'started') say({ type: 'started', trial: event.plan.id, batch: event.plan.batch });
      if (event.type === 'lost') say({ type: 'lost', trial: event.plan.id, why: event.why });
      if (event.type === 'progress') say({ type: 'progress', trial: event.plan.id, step: event.progress.step });
      if (event.type === 'warning') say({ type: 'warning', text: event.text });
      if (event.type === 'ended') {
        const { plan, outcome } = event.trial;
        say({ type: 'ended', trial: plan.id, status: outcome.status, why: outcome.error });
      }
    },
  });
  say({ type: 'result', status: result.status, numbers: numbersOf(result) });
} catch (error) {
  say({ type: 'error', message: (error as Error).message });
  process.exitCode = 1;
}
