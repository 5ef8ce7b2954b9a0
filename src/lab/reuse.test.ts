import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { madeUpPlan, madeUpTask } from '../testing/race.ts';
import type { RaceEvent, TrialPlan } from './plan.ts';
import { getProtocol, protocolPlan } from './protocols/index.ts';
import { race } from './race.ts';
import { sharedTrials } from './reuse.ts';
import { openLab } from './store/open.ts';

const folder = mkdtempSync(join(tmpdir(), 'thalweg-reuse-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const competitors = [{ optimizer: 'sgd', fixed: { momentum: 0.9 }, label: 'momentum' }, 'adam'];
const small = {
  tasks: [{ task: 'rosenbrock', steps: 60, evaluations: 3 }],
  protocol: { kind: 'equal-budget', tuner: { kind: 'quasi-random', trials: 3 } },
  jobs: 1,
};

async function run(lab: string, options: object): Promise<{ result: Awaited<ReturnType<typeof race>>; ran: string[] }> {
  const ran: string[] = [];
  const onEvent = (event: RaceEvent) => void (event.type === 'started' && ran.push(event.plan.id));
  return { result: await race({ ...small, competitors, lab, onEvent, ...options }), ran };
}

test('a race with more seeds and one more optimizer runs only what is new, to the numbers of one that ran it all', async () => {
  const lab = join(folder, 'a.sqlite');
  const first = await run(lab, { seeds: 2 });
  expect(first.ran).toHaveLength(10);
  const larger = { seeds: 3, competitors: [...competitors, 'lion'] };
  const second = await run(lab, { ...larger, reuse: first.result.id });
  expect(second.ran.toSorted()).toEqual([
    'rosenbrock/adam/final/2',
    ...[0, 1, 2].map((i) => `rosenbrock/lion/final/${i}`),
    ...[0, 1, 2].map((i) => `rosenbrock/lion/tune/${i}`),
    'rosenbrock/momentum/final/2',
  ]);
  const whole = await run(join(folder, 'b.sqlite'), larger);
  const numbers = ({ result }: typeof whole) =>
    result.trials.map(({ plan, outcome }) => [plan, outcome.status, outcome.validation.map(({ loss }) => loss)]);
  expect(numbers(second)).toEqual(numbers(whole));
});

test('trials that ran as one program are taken over together or not at all', async () => {
  const lab = join(folder, 'batch.sqlite');
  const first = await run(lab, { seeds: 1, competitors: ['adam'] });
  const tuner = { kind: 'quasi-random', trials: 4 };
  const four = { seeds: 1, competitors: ['adam'], protocol: { kind: 'equal-budget', tuner } };
  const second = await run(lab, { ...four, reuse: first.result.id });
  expect(second.ran.filter((id) => id.includes('/tune/'))).toHaveLength(4);
  const apart = { kind: 'equal-budget', tuner, batched: false };
  const [third, fourth] = [await run(lab, { ...four, protocol: apart }), { ...apart, tuner: { ...tuner, trials: 6 } }];
  const more = await run(lab, { ...four, protocol: fourth, reuse: third.result.id });
  expect(more.ran.filter((id) => id.includes('/tune/'))).toEqual([4, 5].map((i) => `rosenbrock/adam/tune/${i}`));
});

test('nothing is taken over from a race of another task, competitor, schedule or engine', () => {
  const plan = madeUpPlan({ competitors: ['adam'] });
  const trials = getProtocol('equal-budget')
    .plan(plan, plan.protocol.options, new Map())
    .map((trial: TrialPlan) => ({ plan: trial, outcome: { status: 'failed' } as never }));
  expect(trials).toHaveLength(3);
  const taken = (other: object) => sharedTrials(plan, { ...plan, ...other }, trials).length;
  expect(taken({})).toBe(3);
  expect(taken({ protocol: protocolPlan('equal-budget'), finalSeeds: [7], name: 'another' })).toBe(3);
  expect(taken({ tasks: [madeUpTask('made-up', { batchSize: 9 })] })).toBe(0);
  expect(taken({ competitors: [{ ...plan.competitors[0], fixed: { eps: 1 } }] })).toBe(0);
  expect(taken({ schedule: { warmup: 0, decay: 'linear' } })).toBe(0);
  expect(taken({ engine: 'reference' })).toBe(0);
  expect(taken({ module: '/a/module.ts' })).toBe(0);
});

test('without a lab there is nothing to take over', async () => {
  await expect(race({ ...small, competitors, reuse: 'x' })).rejects.toThrow("reuse is 'x'");
  const lab = join(folder, 'c.sqlite');
  await expect(race({ ...small, competitors, lab, reuse: 'x' })).rejects.toThrow(/no race 'x'/);
  const opened = await openLab(lab);
  expect(await opened.races()).toEqual([]);
  await opened.close();
});
