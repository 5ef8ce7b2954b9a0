// Virtual environments for what runs in Python: the benchmark's peers and the makers of fixtures. Plain JavaScript without dependencies.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The interpreter of an environment. */
export const pythonOf = (environment) => join(environment, 'bin', 'python');

export const say = (line) => process.stderr.write(`${process.env.npm_lifecycle_event ?? 'python'}: ${line}\n`);

export function fail(why) {
  say(why);
  process.exit(1);
}

/** What the program wrote to standard output, or undefined if it failed. */
export function output(program, args, input) {
  const run = spawnSync(program, args, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'ignore'] });
  return run.status === 0 ? run.stdout : undefined;
}

/** Runs a program in sight of the user. */
export function run(what, program, args) {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' });
  if (status !== 0) fail(`${what} failed${error ? `: ${error.message}` : ''}; its own message is above`);
}

/** A Python that can make an environment with pip in it. */
function findPython() {
  const asked = process.env.PYTHON;
  const test = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))';
  const names = asked ? [asked] : ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11'];
  const found = names.find((name) => output(name, ['-c', test]) !== undefined);
  if (found) return found;
  const where = asked ? `PYTHON=${asked} is no` : `none of ${names.join(', ')} is a`;
  return fail(`${where} Python 3.11 or newer with venv and ensurepip (on Debian: the package python3-venv)`);
}

/** Makes the environment where it is missing, and installs what the files of requirements ask for. */
export function prepare(environment, requirements, options = []) {
  const python = pythonOf(environment);
  // pip, not the interpreter, is what an interrupted setup lacks.
  if (output(python, ['-m', 'pip', '--version']) === undefined) {
    const found = findPython();
    say(`${existsSync(environment) ? 'repairing' : 'making'} ${relative(root, environment)} with ${found}`);
    run('venv', found, ['-m', 'venv', environment]);
  }
  const files = requirements.map((file) => relative(root, file)).join(', ');
  say(`installing ${files} (minutes, and GB, the first time)`);
  run('pip', python, ['-m', 'pip', 'install', ...requirements.flatMap((file) => ['--requirement', file]), ...options]);
}
