import { type Contestant, Engines } from './check.ts';
import { type Examined, examine } from './examine.ts';

/** What a worker process says: the seed that it is about to examine, and then what became of it. */
export type FromFuzzWorker = { readonly began: number } | { readonly examined: Examined };

/** Examines `count` seeds from `seed` on. A process of its own: a crash of native code must not end the run. */
const [seed, count, among] = process.argv.slice(2);
const engines = new Engines();
const say = (message: FromFuzzWorker): void => void process.send?.(message);
for (let at = Number(seed); at < Number(seed) + Number(count); at++) {
  say({ began: at });
  say({ examined: await examine(at, engines, among.split(',') as Contestant[]) });
}
process.disconnect?.();
