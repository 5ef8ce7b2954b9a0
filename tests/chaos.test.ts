import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { drawsOf, type Fault, killsOf, survive, undisturbed } from './chaos/attack.ts';
import { diskAt } from './chaos/disk.ts';
import type { RaceName } from './chaos/races.ts';

// The short version of `npm run chaos`.

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thalweg-chaos-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Trials one by one that go on from each other, and trials that run as one program. */
const attacks: readonly (readonly [RaceName, readonly Fault[]])[] = [
  ['small', ['worker', 'everything', 'parent', 'damage', 'second', 'freeze', 'disk']],
  ['together', ['everything', 'worker', 'damage', 'interrupt', 'worker']],
];

test('races that are killed, starved, frozen and damaged again and again come to the numbers of ones that are not', async () => {
  const seed = Date.now() % 1_000_000;
  const [draw, told] = [drawsOf(seed), [] as string[]];
  const place = join(folder, 'disk');
  mkdirSync(place);
  const disk = diskAt(place, 32);
  try {
    let kills = 0;
    for (const [race, order] of attacks) {
      const calm = await undisturbed(race, place);
      const left = [...order];
      const faults = (function* () {
        for (let next = left.shift(); next; next = left.shift()) yield next;
      })();
      // A race that is over before all has happened is followed by another one.
      while (left.length > 0) {
        const log = (text: string) => void told.push(`${race}: ${text}`);
        const survived = await survive({ race, calm, folder: place, disk, draw, faults, log });
        expect(survived.wrong, `seed ${seed}: ${told.join('; ')}`).toEqual([]);
        kills += killsOf(survived.counts);
        process.stderr.write(
          `chaos, seed ${seed}, ${race}: ${JSON.stringify(survived.counts)}, ${survived.lives} lives\n`,
        );
      }
    }
    expect(kills).toBeGreaterThanOrEqual(5);
  } finally {
    disk.remove();
  }
}, 300_000);
