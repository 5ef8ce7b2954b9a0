#!/usr/bin/env node
/**
 * The `thalweg` command. It keeps Node's compile cache, which holds the sources with their types already stripped: with it the help
 * comes in a third of the time. So nothing is imported before the cache is on; each command loads its own work when it runs.
 */
import { enableCompileCache } from 'node:module';

enableCompileCache();
// Who reads the output may stop reading: `thalweg methods | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
const { run } = await import('./run.ts');
await run(process.argv.slice(2));
// Nothing is left to do after an error or an interruption; engines and connections may still hold the event loop.
if (process.exitCode !== 0) process.exit();
