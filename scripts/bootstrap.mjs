/**
 * Makes a clone ready to run, on whatever Node the machine has: installs the locked dependencies (the pinned Node 24
 * among them) when they are missing or older than package-lock.json, and links node_modules/.bin/thalweg.
 *
 * Plain JavaScript without dependencies, because it runs before there are any. Every npm script runs it first; when there
 * is nothing to do it reads two small files and ends.
 *
 *   node scripts/bootstrap.mjs           install if needed
 *   node scripts/bootstrap.mjs --mark    note that npm has just installed (the package's `prepare` script)
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const markFile = join(modules, '.thalweg-lock-hash');

/** What an up-to-date node_modules carries: the lock it was installed from and the platform it was installed for. */
function wantedMark() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  return `${createHash('sha256').update(lock).digest('hex')} ${process.platform} ${process.arch}\n`;
}

function isCurrent() {
  return existsSync(markFile) && readFileSync(markFile, 'utf8') === wantedMark();
}

/** npm links the bins of dependencies but not the root package's own, which `npx thalweg` looks for here. */
function linkOwnBin() {
  const bin = join(modules, '.bin');
  const link = join(bin, 'thalweg');
  if (existsSync(link)) return;
  mkdirSync(bin, { recursive: true });
  if (process.platform === 'win32') {
    writeFileSync(`${link}.cmd`, '@node "%~dp0\\..\\..\\bin\\thalweg.mjs" %*\r\n');
    writeFileSync(link, '#!/bin/sh\nexec node "$(dirname "$0")/../../bin/thalweg.mjs" "$@"\n');
  } else {
    symlinkSync('../../bin/thalweg.mjs', link);
    chmodSync(join(root, 'bin', 'thalweg.mjs'), 0o755);
  }
}

function mark() {
  linkOwnBin();
  writeFileSync(markFile, wantedMark());
}

/** Runs `npm ci` quietly; shows what it said, and stops, if it fails. */
function install() {
  const why = existsSync(modules) ? 'package-lock.json changed' : 'first run';
  process.stderr.write(`thalweg: ${why}: installing the locked dependencies with npm ci (a minute or two)\n`);
  const args = ['ci', '--include=dev', '--include=optional', '--loglevel=error'];
  const options = {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  };
  // Under npm, use the npm and the Node that are running: node_modules/.bin/node is about to be deleted.
  const { npm_execpath: npmCli, npm_node_execpath: npmNode } = process.env;
  const run =
    npmCli?.endsWith('.js') && npmNode
      ? spawnSync(npmNode, [npmCli, ...args], options)
      : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
  if (run.status === 0) return;
  process.stderr.write(`${run.stdout ?? ''}${run.stderr ?? ''}${run.error ? `${run.error.message}\n` : ''}`);
  process.stderr.write('thalweg: npm ci failed; its own message is above\n');
  process.exit(run.status ?? 1);
}

if (process.argv.includes('--mark')) {
  // `prepare` also runs where nothing is installed (npm pack on a bare clone): then there is nothing to mark.
  if (existsSync(modules)) mark();
} else if (!isCurrent()) {
  install();
  mark();
} else {
  linkOwnBin();
}
