/**
 * Makes the fixtures again that come from implementations which nobody here wrote (PyTorch, Optax, pytorch-optimizer and others), from
 * the scripts and pinned versions beside them:
 *
 *   npm run fixtures                          all of them
 *   npm run fixtures -- <module> ...          only these modules of tests/fixtures/optim/cases
 *   PYTHON=python3.13 npm run fixtures        with this Python
 *
 * `npm test` only reads what this wrote. PyTorch's CPU wheels are enough: PIP_EXTRA_INDEX_URL can name their index.
 */
import { join } from 'node:path';
import { prepare, pythonOf, root, run } from './python.mjs';

const fixtures = join(root, 'tests', 'fixtures');
const environment = join(fixtures, '.venv');
const modules = process.argv.slice(2);

const make = (script, ...args) => run(script, pythonOf(environment), [join(fixtures, script), ...args]);

prepare(
  environment,
  ['optim', 'lab'].map((folder) => join(fixtures, folder, 'requirements.txt')),
);
make('optim/make.py', ...modules);
if (modules.length === 0) {
  for (const script of ['nn/make.py', 'lab/sobol.py', 'lab/models.py', 'lab/statistics.py']) make(script);
}
