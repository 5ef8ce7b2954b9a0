import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { drawsOf, type Fault, killsOf, survive, undisturbed } from './chaos/attack.ts';
import { diskAt } from './chaos/disk.ts';

// The short version of `npm run chaos`.

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thalweg-chaos-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const order: readonly Fault[] = [
  ...(['worker', 'everything', 'parent', 'damage', 'worker', 'second'] as const),
  ...(['freeze', 'disk', 'interrupt', 'everything', 'worker', 'damage'] as const),
];

test('a race that is killed, starved, frozen and damaged again and again comes to the numbers of one that is not', async () => {
  const seed = Date.now() % 1_000_000;
  const place = join(folder, 'disk');
  mkdirSync(place);
  const disk = diskAt(place, 32);
  const told: string[] = [];
  let left = order.length;
  const faults = (function* () {
    for (const fault of order) {
      left--;
      yield fault;
    }
  })();
  try {
    const calm = await undisturbed('small', place);
    const [draw, log] = [drawsOf(seed), (text: string) => told.push(text)];
    let kills = 0;
    // A race that is over before all has happened is followed by another one.
    while (left > 0) {
      const survived = await survive({ race: 'small', calm, folder: place, disk, draw, faults, log });
      expect(survived.wrong, `seed ${seed}: ${told.join('; ')}`).toEqual([]);
      kills += killsOf(survived.counts);
      process.stderr.write(`chaos, seed ${seed}: ${JSON.stringify(survived.counts)}, ${survived.lives} lives\n`);
    }
    expect(kills).toBeGreaterThanOrEqual(5);
  } finally {
    disk.remove();
  }
}, 300_000);
