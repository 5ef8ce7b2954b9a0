/**
 * Makes bench/.venv, the virtual environment of the benchmark's Python peers, from bench/peers/requirements.txt:
 *
 *   npm run bench:setup                  find a Python, make the environment, install
 *   npm run bench:setup -- <options>     the same, with options for pip install
 *   PYTHON=python3.13 npm run bench:setup    with this Python
 *
 * On Linux the usual index has PyTorch with its CUDA libraries, several GB. An index of PyTorch's CPU wheels (PyTorch's installation page
 * names one) given as `-- --extra-index-url <url>`, or in pip's variable PIP_EXTRA_INDEX_URL, avoids them: `+cpu` is preferred by pip.
 * To be run again when the requirements change; pip leaves alone what is already there.
 *
 * Plain JavaScript without dependencies, like bootstrap.mjs.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const environment = join(root, 'bench', '.venv');
const python = join(environment, 'bin', 'python');
const peers = ['numpy', 'torch', 'torch-fused', 'jax'];

const say = (line) => process.stderr.write(`bench:setup: ${line}\n`);

function fail(why) {
  say(why);
  process.exit(1);
}

/** What the program wrote to standard output, or undefined if it failed. */
function output(program, args, input) {
  const run = spawnSync(program, args, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'ignore'] });
  return run.status === 0 ? run.stdout : undefined;
}

/** Runs a program in sight of the user. */
function run(what, program, args) {
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

if (process.platform === 'win32') fail('the Python peers run on Linux and macOS; on Windows use WSL');

// pip, not the interpreter, is what an interrupted setup lacks.
if (output(python, ['-m', 'pip', '--version']) === undefined) {
  const found = findPython();
  say(`${existsSync(environment) ? 'repairing' : 'making'} bench/.venv with ${found}`);
  run('venv', found, ['-m', 'venv', environment]);
}

say('installing bench/peers/requirements.txt (minutes, and GB, the first time)');
const requirements = join(root, 'bench', 'peers', 'requirements.txt');
run('pip', python, ['-m', 'pip', 'install', '--requirement', requirements, ...process.argv.slice(2)]);

for (const peer of peers) {
  const answer = output(python, [join(root, 'bench', 'peers', 'python', 'serve.py'), peer], '{"do":"name"}\n');
  if (answer === undefined) fail(`the peer ${peer} does not start: ${python} bench/peers/python/serve.py ${peer}`);
  say(`ready: ${JSON.parse(answer).name}`);
}
