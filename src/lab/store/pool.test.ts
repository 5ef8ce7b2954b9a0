import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { passwordFromFile } from './pgpass.ts';
import { openPool } from './pool.ts';
import { diagnose } from './postgres.ts';

const folder = mkdtempSync(join(tmpdir(), 'thalweg-pgpass-'));
const file = join(folder, 'pgpass');
const write = (...lines: readonly string[]) => writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });

beforeEach(() => {
  vi.stubEnv('PGPASSFILE', file);
  vi.stubEnv('PGPASSWORD', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(file, { force: true });
});

const connection = { host: 'db.example.org', port: 5432, database: 'thalweg', user: 'me' };

test('a password is that of the first line that fits, with its escapes undone', () => {
  write(
    '# hostname:port:database:username:password',
    'db.example.org:5432:other:me:of another database',
    '*:5433:*:*:of another port',
    'db.example.org:*:thalweg:me:p\\:q\\\\r s',
    '*:*:*:*:too late',
  );
  expect(passwordFromFile(connection)).toBe('p:q\\r s');
  expect(passwordFromFile({ ...connection, user: 'you' })).toBe('too late');
});

test('a socket is on localhost, and what has no line has no password', () => {
  write('localhost:5432:thalweg:me:secret');
  expect(passwordFromFile({ ...connection, host: '/var/run/postgresql' })).toBe('secret');
  expect(passwordFromFile(connection)).toBeUndefined();
  rmSync(file);
  expect(passwordFromFile(connection)).toBeUndefined();
});

test.skipIf(process.platform === 'win32')('a file that others may read is refused', () => {
  write('*:*:*:*:secret');
  chmodSync(file, 0o640);
  expect(() => passwordFromFile(connection)).toThrow(`${file} is not used, for others may read it: chmod 600 ${file}`);
});

/** A message of the protocol: a letter, four bytes of length, the content. An 'R' asks the client to say who it is. */
function message(content: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(4 + content.length);
  return Buffer.concat([Buffer.from('R'), length, Buffer.from(content, 'latin1')]);
}
const questions = {
  cleartext: [message('\0\0\0\x03')],
  scram: [message('\0\0\0\x0aSCRAM-SHA-256\0\0'), message('\0\0\0\x0br=nonce,s=c2FsdA==,i=4096')],
};

/** A server that asks for a password, in the clear or by SCRAM, and goes away. What it was told so far. */
async function asking(by: keyof typeof questions) {
  const told: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer(async (socket) => {
    sockets.push(socket);
    await once(socket, 'data');
    for (const question of questions[by]) {
      socket.write(question);
      const [answer] = await once(socket, 'data');
      told.push((answer as Buffer).subarray(5, -1).toString());
    }
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    told,
    port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

test('a connection takes it from there when the server asks, the address and the environment coming first', async () => {
  const server = await asking('cleartext');
  write(`127.0.0.1:${server.port}:lab:me:from the file`);
  const connect = async (user: string) => {
    const pool = openPool(`postgres://${user}@127.0.0.1:${server.port}/lab`, 1, 5);
    await pool.connect().catch(() => {});
    await pool.end();
  };
  await connect('me');
  await connect('me:address');
  vi.stubEnv('PGPASSWORD', 'environment');
  await connect('me');
  expect(server.told).toEqual(['from the file', 'address', 'environment']);
  server.close();
});

test('without one, the diagnosis says where it may be put', async () => {
  const server = await asking('scram');
  const pool = openPool(`postgres://me@127.0.0.1:${server.port}/lab`, 1, 5);
  const error = await pool.connect().catch((error: unknown) => error);
  expect(diagnose(error)).toMatchObject({
    kind: 'refused',
    text: expect.stringMatching(/wants a password; put it into/),
  });
  server.close();
  await pool.end();
});
