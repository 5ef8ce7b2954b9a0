import { RaceError } from './race-error.ts';

/** A page has no files: it gives tasks and optimizers of its own as objects. */
export async function loadModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  throw new RaceError(`module is '${path}'; in a browser, give tasks and optimizers of your own as objects`);
}
