/**
 * Builds a lab of ten thousand trials with full curves, in one race or several, and times every command that looks at a lab:
 *
 *   npm run build && node --conditions=thalweg-source scripts/big-lab.ts [trials] [races] [lab]
 *
 * The commands are those of the built package, as a user installs it; from the sources each needs 0.2 to 0.5 s more. Printed are seconds
 * that passed, and those that the processor worked: on an idle machine they are about the same.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAddress } from '../src/lab/store/open.ts';
import { buildBigLab } from '../src/testing/big-lab.ts';

const [count = '10000', races = '1', given] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'thalweg-big-lab-'));
const where = given ?? join(folder, 'lab.sqlite');
const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;

const began = performance.now();
const race = await buildBigLab(where, { trials: Number(count), races: Number(races) });
const size = isAddress(where) ? '' : `, ${(statSync(where).size / 2 ** 20).toFixed(0)} MiB`;
process.stdout.write(
  `${count} trials in ${races} races, the last one ${race}${size}, built in ${seconds(performance.now() - began)}\n`,
);

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const commands = [
  ['runs'],
  ['show', race],
  ['show', race, '--json'],
  ['show', race, 'mlp/adamw/final/0'],
  ['show', race, '--report', join(folder, 'report.html')],
  ['compare', race],
  ['gc', '--keep', '0', '--dry-run'],
  ...['csv', 'parquet', 'tensorboard', 'json'].map((format) => exported(format)),
  exported('csv', '--no-curves'),
];
function exported(format: string, ...flags: readonly string[]): string[] {
  return ['export', race, '--format', format, ...flags, '--yes', '--out', join(folder, [format, ...flags].join(''))];
}

/** Runs a command in a process that says at its end how many microseconds the processor worked for it. */
function timed(command: readonly string[]): { readonly passed: number; readonly worked: number } {
  const report = "process.on('exit', () => process.stderr.write(JSON.stringify(process.cpuUsage())))";
  const start = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    [`--import=data:text/javascript,${report}`, main, ...command, '--lab', where],
    { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' }, maxBuffer: 2 ** 30 },
  );
  if (status !== 0) throw new Error(`thalweg ${command.join(' ')}: ${stderr}`);
  const { user, system } = JSON.parse(stderr) as NodeJS.CpuUsage;
  return { passed: performance.now() - start, worked: (user + system) / 1000 };
}

for (const command of commands) {
  // Node keeps what it compiled, so the second time is the one that a user sees.
  timed(command);
  const { passed, worked } = timed(command);
  process.stdout.write(`thalweg ${command.join(' ')}: ${seconds(passed)}, processor ${seconds(worked)}\n`);
}
rmSync(folder, { recursive: true });
