import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { about } from '../../testing/labs.ts';
import { byPort, startNetwork } from '../../testing/network.ts';
import { startPostgres } from '../../testing/postgres.ts';
import { finishedOutcome, madeUpPlan, trialPlan } from '../../testing/race.ts';
import { isOutage } from '../queue/patience.ts';
import { LabError } from './lab.ts';
import { openLab } from './open.ts';
import { openPool } from './pool.ts';
import { diagnose, withoutPassword } from './postgres.ts';

const plan = madeUpPlan({ competitors: ['adamw'] });
const trial = (index: number) => {
  const own = trialPlan('adamw', 'final', index);
  return { plan: own, outcome: finishedOutcome(own, 0.2) };
};

describe('a password is nowhere to be seen', () => {
  test.each([
    ['postgres://me:secret@there/lab', 'postgres://me@there/lab'],
    ['postgresql://me@there/lab?password=secret&application_name=x', 'postgresql://me@there/lab?application_name=x'],
    ['postgres://there/lab', 'postgres://there/lab'],
  ])('in the name of %s', (address, name) => {
    expect(withoutPassword(address)).toBe(name);
  });

  test.each([
    [
      'postgres://me:secret@127.0.0.1:1/lab',
      /postgres:\/\/me@127\.0\.0\.1:1\/lab: cannot open it: the server does not answer/,
    ],
    ['postgres://me:sec/ret@:x/lab', /address of the PostgreSQL lab cannot be read/],
    ['postgres://me:secret@no-such-host.invalid/lab', /no such host|cannot be looked up/],
  ])('in the error of %s', async (address, message) => {
    const error = await openLab(address, { patience: 0 }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(LabError);
    expect((error as Error).message).toMatch(message);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/sec\/?ret/);
  });
});

const server = await startPostgres();
if (server.skipped !== undefined) process.stderr.write(`tests on PostgreSQL skipped: ${server.skipped}\n`);

describe.skipIf(server.skipped !== undefined)('on a server', () => {
  if (server.skipped !== undefined) return;
  afterAll(() => server.stop());

  test('the tables lie in a schema of their own, beside what else is there', async () => {
    const address = await server.fresh();
    await server.query('create table races (id int)');
    const lab = await openLab(server.address);
    await lab.create(plan, about);
    await lab.close();
    expect(await server.query("select schemaname from pg_tables where tablename = 'races' order by 1")).toEqual([
      { schemaname: 'public' },
      { schemaname: 'thalweg' },
    ]);
    const unknown = new URL(address);
    unknown.pathname = '/no_such_database';
    await expect(openLab(unknown.href)).rejects.toMatchObject({
      name: 'LabError',
      message: expect.stringMatching(/no such database on the server; make it with createdb/),
    });
  });

  test('connections that are cut, and a network that is away for a while, cost a wait and nothing else', async () => {
    const network = await cuttable(new URL(await server.fresh()));
    const lab = await openLab(network.address, { patience: 20 });
    const id = await lab.create(plan, about);
    const ledger = await lab.ledger(id);
    await ledger.record([trial(0)]);
    network.cut();
    const recorded = ledger.record([trial(1)]);
    setTimeout(network.restore, 500);
    await recorded;
    network.cut();
    network.restore();
    await ledger.record([trial(1), trial(2)]);
    expect(await lab.trials(id)).toEqual([trial(0), trial(1), trial(2)]);
    await lab.close();
    await network.close();
  });

  test('a connection that falls silent fails its statement, and is not used again', async () => {
    const network = await startNetwork(server.port);
    const pool = openPool(byPort(server.address, network.port), 1, 1);
    // Like Kysely: it does not tell the pool how a statement went.
    const ask = async () => {
      const client = await pool.connect();
      return client.query('select 1 as one').finally(() => client.release());
    };
    await ask();
    network.forget();
    const error = await ask().catch((error: unknown) => error);
    expect(diagnose(error)).toMatchObject({ kind: 'passing', text: expect.stringMatching(/no answer for 1 s/) });
    expect(isOutage(error)).toBe(true);
    expect((await ask()).rows).toEqual([{ one: 1 }]);
    await pool.end();
    await network.close();
  });

  test('one that stays away is a failure that says so', async () => {
    const network = await cuttable(new URL(await server.fresh()));
    const lab = await openLab(network.address, { patience: 0.3 });
    const id = await lab.create(plan, about);
    const ledger = await lab.ledger(id);
    network.cut();
    await expect(ledger.record([trial(0)])).rejects.toMatchObject({
      name: 'LabFailure',
      message: expect.stringMatching(
        /cannot write to made-up-race-\S+: the (server does not answer|connection to the server was lost)/,
      ),
    });
    network.restore();
    expect(await ledger.ended()).toEqual([]);
    await lab.close();
    await network.close();
  });
});

/** A way to the server that can be cut: no new connections, and an end to all that there are. */
async function cuttable(target: URL) {
  const sockets = new Set<Socket>();
  let whole = true;
  const proxy = createServer((near) => {
    if (!whole) return near.destroy();
    const far = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => {});
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    return near;
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = new URL(target);
  address.port = String((proxy.address() as AddressInfo).port);
  address.hostname = '127.0.0.1';
  return {
    address: address.href,
    cut() {
      whole = false;
      for (const socket of sockets) socket.destroy();
    },
    restore() {
      whole = true;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
