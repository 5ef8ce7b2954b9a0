import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

const run = promisify(execFile);

/** A PostgreSQL for tests. */
export interface RunningPostgres {
  /** Of an empty database. */
  readonly address: string;
  readonly port: number;
  readonly skipped?: undefined;
  /** Address of a further empty database. */
  fresh(): Promise<string>;
  /** One statement, as the superuser, in the database of `address` or in another one. */
  query(text: string, where?: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  stop(): Promise<void>;
}

/** Or why there is none. */
export type TestPostgres = RunningPostgres | { readonly skipped: string };

/**
 * Starts a PostgreSQL cluster of its own: files in a temporary folder, a free port of 127.0.0.1, no passwords, nothing synced. It ends,
 * and its files go, with `stop()` or with this process, however that dies. THALWEG_TEST_POSTGRES names a server to use instead: there,
 * databases are made and dropped again.
 */
export async function startPostgres(): Promise<TestPostgres> {
  const given = process.env.THALWEG_TEST_POSTGRES;
  if (given)
    return server(new URL(given), async (made) => {
      for (const name of made) await query(given, `drop database if exists ${name} with (force)`);
    });
  const binaries = findBinaries();
  if (binaries === null) {
    return { skipped: 'no PostgreSQL here: neither /usr/lib/postgresql/*/bin nor PATH has initdb and postgres' };
  }
  const user = await serverUser();
  if (user === null) {
    return { skipped: 'PostgreSQL does not run as root, and there is no user postgres that it could run as' };
  }
  const cluster = await startCluster(binaries, user);
  return server(new URL(`postgres://thalweg@127.0.0.1:${cluster.port}/postgres`), cluster.stop);
}

async function server(base: URL, end: (made: readonly string[]) => Promise<void>): Promise<TestPostgres> {
  const made: string[] = [];
  const fresh = async () => {
    const name = `thalweg_test_${randomBytes(6).toString('hex')}`;
    await query(base.href, `create database ${name}`);
    made.push(name);
    const address = new URL(base);
    address.pathname = `/${name}`;
    return address.href;
  };
  try {
    const address = await fresh();
    return {
      address,
      port: Number(base.port || 5432),
      fresh,
      query: (text, where = address) => query(where, text),
      stop: () => end(made),
    };
  } catch (error) {
    await end(made);
    throw error;
  }
}

async function query(address: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** The newest that Debian's packages have put there, else what PATH finds. */
function findBinaries(): string | null {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres'))) ?? null;
}

interface User {
  readonly uid?: number;
  readonly gid?: number;
}

/** Who the server runs as: whoever we are, but root may not. */
async function serverUser(): Promise<User | null> {
  if (process.getuid?.() !== 0) return {};
  try {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)),
    );
    return { uid, gid };
  } catch {
    return null;
  }
}

/**
 * The shell around the server reads from a pipe that only this process holds: its end, by `stop()` or by the death of this process, is
 * the sign to stop the server at once and to delete its files.
 */
const guard = `
exec 3<&0
"$1/postgres" -D "$2/data" -p "$3" -k "$2" -c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off -c full_page_writes=off &
server=$!
{ cat <&3 > /dev/null; kill -QUIT "$server" 2> /dev/null; } &
wait "$server"
rm -rf "$2"
`;

async function startCluster(
  binaries: string,
  user: User,
): Promise<{ readonly port: number; readonly stop: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'thalweg-postgres-'));
  const options = { ...user, cwd: folder, env: { ...process.env, LC_ALL: 'C' } };
  let child: ChildProcess | undefined;
  const stop = async () => {
    if (child?.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child?.once('exit', resolve));
      child.stdin?.end();
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    if (user.uid !== undefined && user.gid !== undefined) await chown(folder, user.uid, user.gid);
    const initdb = ['-D', join(folder, 'data'), '-U', 'thalweg', '-A', 'trust', '-E', 'UTF8', '--no-sync'];
    await run(join(binaries, 'initdb'), initdb, options);
    const port = await freePort();
    // A process group of its own: Ctrl-C in the terminal is for this process, and the pipe tells the shell.
    child = spawn('sh', ['-c', guard, 'sh', binaries, folder, String(port)], {
      ...options,
      detached: true,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    await ready(child);
    return { port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits until the server says that it accepts connections. */
function ready(child: ChildProcess): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`PostgreSQL did not start:\n${said}`)));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      // Read on afterwards, lest the server waits for room in the pipe.
      said = (said + text).slice(-2000);
      if (said.includes('ready to accept connections')) resolve();
    });
  });
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
