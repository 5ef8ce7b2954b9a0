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

prepare(environment, [join(fixtures, 'optim', 'requirements.txt')]);
run('optim/make.py', pythonOf(environment), [join(fixtures, 'optim', 'make.py'), ...modules]);
if (modules.length === 0) run('nn/make.py', pythonOf(environment), [join(fixtures, 'nn', 'make.py')]);
