import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Effort, measure } from './matrix.ts';
import { PeerProcess, type PeerSpec } from './peer.ts';
import { peerList } from './peers/list.ts';
import { type WorkloadPlan, workloads } from './workloads/list.ts';
import { writeWorkloads } from './workloads/write.ts';
import { Yardstick } from './yardstick.ts';

const effort: Effort = { rounds: 2, turn: 1, agreement: 20, turns: 20, patience: 25, quick: false };

/** A peer that loads, takes steps in no time and answers as the body of `answer` says. */
const madeUp = (id: string, answer: string): PeerSpec => {
  const file = join(folder, `${id}.mjs`);
  writeFileSync(
    file,
    `import { createInterface } from 'node:readline';
    for await (const line of createInterface({ input: process.stdin })) {
      const request = JSON.parse(line);
      const usual = { name: { name: 'made up' }, load: { compile: 1, first: 1 }, run: { ms: 1 }, check: { value: 0 } };
      const answer = ${answer};
      console.log(JSON.stringify(answer ?? usual[request.do]));
    }`,
  );
  return { id, family: 'javascript', command: process.execPath, args: [file] };
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'thalweg-bench-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function written(id: string): [WorkloadPlan, string] {
  const plan = workloads.find((workload) => workload.id === id);
  if (!plan) throw new Error(id);
  return [plan, writeWorkloads(folder, [plan]).get(id) as string];
}

async function resultOf(
  id: string,
  specs: readonly PeerSpec[],
  { quick = false, yardsticks = [] }: { quick?: boolean; yardsticks?: readonly Yardstick[] } = {},
) {
  const peers = specs.map((spec) => new PeerProcess(spec));
  const { signal } = new AbortController();
  try {
    return await measure(...written(id), peers, { ...effort, quick }, () => {}, signal, yardsticks);
  } finally {
    for (const each of [...peers, ...yardsticks]) each.end();
  }
}

async function rowsOf(...given: Parameters<typeof resultOf>) {
  const { rows } = await resultOf(...given);
  return Object.fromEntries(rows.map((row) => [row.peer, row]));
}

const real = (id: string): PeerSpec => peerList().find((spec) => spec.id === id) as PeerSpec;

test('the tiny MLP: who cannot, who deviates and who dies have rows that say so, and the run goes on', async () => {
  const rows = await rowsOf('mlp-tiny', [
    real('thalweg'),
    real('loop'),
    madeUp('wrong', 'undefined'),
    madeUp('dying', "request.do === 'run' ? process.exit(3) : undefined"),
    madeUp('babbling', "'hello'"),
    { id: 'absent', family: 'javascript', command: join(folder, 'nothing-here'), args: [] },
  ]);
  expect(rows.thalweg).toMatchObject({ outcome: 'measured', agrees: true, ratio: 1, times: { turns: 2 } });
  expect(rows.loop).toMatchObject({ outcome: 'unsupported', note: 'loops exist for updates and test functions' });
  expect(rows.wrong).toMatchObject({ outcome: 'measured', values: { 3: 0, 20: 0 }, after: 20, agrees: false });
  expect(rows.dying).toMatchObject({ outcome: 'failed', note: expect.stringContaining('exit code 3') });
  expect(rows.babbling).toMatchObject({ outcome: 'failed' });
  expect(rows.absent).toMatchObject({ outcome: 'failed', note: expect.stringContaining('could not be started') });
});

test('a quick run compares early, says nothing of compiling, and leaves out whom it has no time for', async () => {
  const slow = { ...madeUp('slow', 'undefined'), slowOn: ['function-beale'] };
  const rows = await rowsOf('function-beale', [real('thalweg'), real('loop'), slow], { quick: true });
  expect(rows.loop).toMatchObject({ outcome: 'measured', after: 3, agrees: true, times: { turns: 2 } });
  expect(rows.loop).not.toHaveProperty('compile');
  expect(rows.slow).toMatchObject({ outcome: 'slow', note: expect.stringContaining('left out with --quick') });
});

test('where Thalweg has no time, nobody is asked for one', async () => {
  const rows = await rowsOf('function-beale', [{ ...madeUp('dies', 'process.exit(3)'), id: 'thalweg' }, real('loop')]);
  expect(rows.thalweg).toMatchObject({ outcome: 'failed' });
  expect(rows.loop).toMatchObject({ outcome: 'slow', note: 'thalweg has no time' });
});

test('a peer that is silent is ended, and its row says so', async () => {
  const peer = new PeerProcess(madeUp('silent', '(await new Promise(() => setInterval(() => {}, 1000)))'));
  await expect(peer.ask({ do: 'name' }, 0.5)).rejects.toThrow('no answer within 0.5 s');
});

test.each(['function-beale', 'update-adamw-1e4'])('%s: Thalweg and the loop agree', async (id) => {
  const rows = await rowsOf(id, [real('thalweg'), real('loop')]);
  expect(rows.loop).toMatchObject({ outcome: 'measured', agrees: true, times: { turns: 2 } });
});

test("the machine's rate is that of the fastest product in turn with the peers; one that dies has none", async () => {
  const specs = [madeUp('fast', 'undefined'), madeUp('fails', "request.do === 'run' ? process.exit(3) : undefined")];
  const yardsticks = specs.map((spec) => new Yardstick(spec, ...written('matmul-1024')));
  const { product } = await resultOf('mlp-tiny', [real('thalweg')], { yardsticks });
  // A product in a millisecond.
  expect(product).toEqual({ rate: (2 * 1024 ** 3) / 1e6, peer: 'fast' });
});

test('a yardstick is a real product of the library', async () => {
  const own = new Yardstick(real('thalweg'), ...written('matmul-1024'));
  await own.turn();
  expect(own.take()).toMatchObject({ peer: 'thalweg', rate: expect.toSatisfy((rate) => rate > 0.1 && rate < 2000) });
  expect(own.take()).toBeNull();
  own.end();
});
