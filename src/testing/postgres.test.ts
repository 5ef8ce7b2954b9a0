import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startPostgres } from './postgres.ts';

const postgres = await startPostgres();
const because = postgres.skipped === undefined ? '' : ` (skipped: ${postgres.skipped})`;
if (postgres.skipped === undefined) await postgres.stop();

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

test.skipIf(postgres.skipped !== undefined || process.env.THALWEG_TEST_POSTGRES)(
  `a PostgreSQL for tests ends with the process that started it, even if that is killed${because}`,
  async () => {
    const module = fileURLToPath(new URL('./postgres.ts', import.meta.url));
    const program = `const { port } = await (await import(${JSON.stringify(module)})).startPostgres(); console.log(port); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--conditions=thalweg-source', '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    const port = Number(said.toString());
    expect(await answers(port)).toBe(true);
    child.kill('SIGKILL');
    await expect.poll(() => answers(port), { timeout: 10_000 }).toBe(false);
  },
);
