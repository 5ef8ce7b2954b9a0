import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // `import ... from 'thalweg'` in a test means the sources, as it does for tsc and for `npm run node`.
  ssr: { resolve: { conditions: ['thalweg-source', ...defaultServerConditions] } },
  test: {
    include: ['src/**/*.test.ts', 'bench/**/*.test.ts', 'tests/**/*.test.ts'],
    // Processes, not threads: a native crash or a leak in one test file cannot reach another.
    pool: 'forks',
    testTimeout: 30_000,
  },
});
