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
import { join } from 'node:path';
import { fail, output, prepare, pythonOf, root, say } from './python.mjs';

const environment = join(root, 'bench', '.venv');
const python = pythonOf(environment);
const peers = ['numpy', 'torch', 'torch-fused', 'jax'];

if (process.platform === 'win32') fail('the Python peers run on Linux and macOS; on Windows use WSL');

prepare(environment, [join(root, 'bench', 'peers', 'requirements.txt')], process.argv.slice(2));

for (const peer of peers) {
  const answer = output(python, [join(root, 'bench', 'peers', 'python', 'serve.py'), peer], '{"do":"name"}\n');
  if (answer === undefined) fail(`the peer ${peer} does not start: ${python} bench/peers/python/serve.py ${peer}`);
  say(`ready: ${JSON.parse(answer).name}`);
}
