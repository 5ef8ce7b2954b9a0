import type { Machine } from './machine.ts';

export type { Machine } from './machine.ts';

/** A page is told little of its machine. */
export const describeMachine = (): Machine => ({
  cpu: 'unknown',
  cores: navigator.hardwareConcurrency,
  memoryGiB: Number.NaN,
  platform: 'browser',
  versions: { browser: navigator.userAgent },
});
