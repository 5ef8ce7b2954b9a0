import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import { type Calm, drawsOf, faults, killsOf, noFaults, survive, undisturbed } from '../tests/chaos/attack.ts';
import { diskAt } from '../tests/chaos/disk.ts';
import { attacked, type RaceName, races } from '../tests/chaos/races.ts';

const usage = `Races under attack: whatever happens to them, they come to the numbers of one that nobody disturbed.

  npm run chaos -- [options]

  --seed N           what happens, and when, follows from it as far as a clock lets it (default: from the clock)
  --kills N          go on until so many processes were killed (default 100)
  --race a,b         other races than ${attacked.join(', ')}
  --verbose          name every fault as it comes
`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    kills: { type: 'string' },
    race: { type: 'string' },
    verbose: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}

function wholeNumber(name: 'seed' | 'kills', otherwise: number): number {
  const given = values[name];
  if (given === undefined) return otherwise;
  const number = Number(given);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new RangeError(`chaos: --${name} is '${given}'; it must be a whole number`);
}

function chosenRaces(): RaceName[] {
  const known = Object.keys(races) as RaceName[];
  if (values.race === undefined) return attacked;
  return values.race.split(',').map((name) => {
    const found = known.find((race) => race === name);
    if (!found) throw new RangeError(`chaos: there is no race '${name}'; there are ${known.join(', ')}`);
    return found;
  });
}

const seed = wholeNumber('seed', Date.now() % 1_000_000);
const kills = wholeNumber('kills', 100);
const names = chosenRaces();
const draw = drawsOf(seed);
const say = (text: string) => void process.stdout.write(`${text}\n`);
const root = mkdtempSync(join(tmpdir(), 'thalweg-chaos-'));
const began = performance.now();
say(`seed ${seed}; ${names.join(', ')} until ${kills} kills`);

const folder = join(root, 'disk');
mkdirSync(folder);
const disk = diskAt(folder, 64);
say(disk.kind === 'small' ? 'a disk of 64 MiB is filled' : 'no disk can be mounted here: files are limited instead');
const counts = noFaults();
const wrong: string[] = [];
let lives = 0;
try {
  const calms = new Map<RaceName, Calm>();
  for (let round = 0; killsOf(counts) < kills; round++) {
    for (const name of names) {
      // Each once in any case.
      if (round > 0 && killsOf(counts) >= kills) break;
      const calm = calms.get(name) ?? (await undisturbed(name, folder));
      calms.set(name, calm);
      const log = (text: string) => values.verbose && say(`  ${name}: ${text}`);
      const survived = await survive({ race: name, calm, folder, disk, draw, log });
      for (const fault of faults) counts[fault] += survived.counts[fault];
      lives += survived.lives;
      wrong.push(...survived.wrong.map((text) => `${name}, round ${round}: ${text}`));
      const verdict = survived.wrong.length === 0 ? pc.green('the same numbers') : pc.red('NOT the same');
      say(`${name}: ${survived.lives} lives, ${killsOf(survived.counts)} kills, ${verdict}`);
      for (const text of survived.wrong) say(`  ${text}`);
    }
  }
} finally {
  disk.remove();
  rmSync(root, { recursive: true, force: true });
}

say('');
for (const fault of faults) say(`${fault.padEnd(12)} ${String(counts[fault]).padStart(4)}`);
const seconds = Math.round((performance.now() - began) / 1000);
say(`${killsOf(counts)} kills, ${lives} lives, ${seconds} s`);
for (const text of wrong) say(pc.red(text));
if (wrong.length > 0) {
  say(`to repeat: npm run chaos -- --seed ${seed} --kills ${kills} --race ${names.join(',')}`);
  process.exitCode = 1;
}
