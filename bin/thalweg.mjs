#!/usr/bin/env node
/**
 * The `thalweg` command: starts the command line on a Node that can run it. Plain JavaScript, so that any Node can.
 *
 * In a clone it runs src/cli/main.ts, after the bootstrap; in an installed package dist/cli/main.js. When the Node that
 * runs this file is too old, it takes the one that npm installed beside the package.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src', 'cli', 'main.ts');
const inClone = existsSync(source);

if (inClone) {
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'bootstrap.mjs')], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const main = inClone ? source : join(root, 'dist', 'cli', 'main.js');
const node = findNode();
// In this process where that can be: whoever ends it by its id, ends the command.
if (!inClone && node === process.execPath) await import(pathToFileURL(main).href);
else start(inClone ? ['--conditions=thalweg-source', main] : [main]);

/** Runs the program in a process of its own, and ends as that does. */
function start(program) {
  const child = spawn(node, [...process.execArgv, ...program, ...process.argv.slice(2)], { stdio: 'inherit' });

  // Ctrl-C in a terminal reaches every process of the group, the child too: then wait for it. Any other signal, and a SIGINT
  // that was sent to this process alone, is handed on.
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  process.on('SIGINT', () => onTerminal || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));

  child.on('error', (error) => {
    process.stderr.write(`thalweg: cannot start ${child.spawnfile}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    // End the way the child did, so that the shell sees the signal.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** This Node if it strips types by default, otherwise the one that npm's per-platform package put beside us. */
function findNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  const require = createRequire(import.meta.url);
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const binary = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  for (const name of [`node-${platform}-${process.arch}`, `node-bin-${platform}-${process.arch}`]) {
    try {
      return join(dirname(require.resolve(`${name}/package.json`)), binary);
    } catch {
      // Not the package of this platform.
    }
  }
  process.stderr.write(`thalweg: needs Node 22.18 or newer, and this is Node ${process.versions.node}\n`);
  process.exit(1);
}
