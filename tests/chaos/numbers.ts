import type { RaceResult } from '../../src/lab/result.ts';

/** What a clock or a scale of memory says, by name. */
const measured = new Set([
  'id',
  'machine',
  'command',
  'seconds',
  'wallSeconds',
  'scoreSeconds',
  'peakBytes',
  'millisecondsPerStep',
  'compileSeconds',
]);

/** All that a race must come to whatever happened to it on the way: each trial with its curves, each score, each sentence. As lines of text. */
export const numbersOf = (result: RaceResult): string[] => JSON.stringify(lasting(result), null, 1).split('\n');

/** Without what was measured, and with the names in order. */
function lasting(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return value.map(lasting);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name, part]) => !measured.has(name) && part !== undefined);
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, part]) => [name, lasting(part)]));
}

/** The first lines in which two differ, with their numbers. */
export function differences(expected: readonly string[], found: readonly string[], most = 10): string[] {
  const lines = Array.from({ length: Math.max(expected.length, found.length) }, (_, i) => i);
  const differing = lines.filter((i) => expected[i] !== found[i]);
  return differing
    .slice(0, most)
    .map((i) => `line ${i + 1}: expected ${expected[i]?.trim()}, found ${found[i]?.trim()}`);
}
