import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

/** Files that only compute share a process per core, in which modules are loaded and their code is compiled once. */
const computing = [
  'src/{tensor,runtime,nn,optim,data,tasks,train}/**/*.test.ts',
  'src/lab/{analysis,protocols,report,search,tuners}/**/*.test.ts',
  'src/testing/fuzz/*.test.ts',
  'tests/{convnet,engines,memory}.test.ts',
];
/** Files about processes that die, freeze and fall silent: one at a time, so that nobody else makes one look hung. */
const alone = [
  'src/lab/{queue,run}/**/*.test.ts',
  'src/lab/store/{hold,postgres}.test.ts',
  'tests/{chaos,faults,queue}.test.ts',
];
/** All others, each in a process of its own. */
const apart = {
  include: ['src/**/*.test.ts', 'bench/**/*.test.ts', 'tests/**/*.test.ts'],
  exclude: [...computing, ...alone],
};

export default defineConfig({
  // `import ... from 'thalweg'` in a test means the sources, as it does for tsc and for `npm run node`.
  ssr: { resolve: { conditions: ['thalweg-source', ...defaultServerConditions] } },
  test: {
    // Processes, not threads: a native crash or a leak in one test file reaches those alone that share its process.
    pool: 'forks',
    maxWorkers: Math.min(4, availableParallelism()),
    // For what hangs. Slow machines are not.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A process that a test starts begins in half the time where its code was compiled before.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') },
    projects: [
      { extends: true, test: { name: 'computing', include: computing, isolate: false } },
      { extends: true, test: { name: 'apart', ...apart } },
      // With one worker, it runs after the others.
      { extends: true, test: { name: 'alone', include: alone, maxWorkers: 1 } },
    ],
  },
});
