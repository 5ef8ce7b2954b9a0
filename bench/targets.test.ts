import { describe, expect, test } from 'vitest';
import type { Row, SweepRow, WorkloadResult } from './result.ts';
import { summarize } from './statistics.ts';
import { judge, type Measured } from './targets.ts';

const row = (peer: string, ms: number, ratio: number): Row => ({
  peer,
  outcome: 'measured',
  times: summarize([ms, ms]),
  ratio,
  agrees: true,
});
const workload = (
  id: string,
  kind: string,
  rows: readonly Row[],
  work: Partial<WorkloadResult> = {},
): WorkloadResult => ({
  id,
  title: id,
  kind,
  agreedSteps: 20,
  parameters: 1e6,
  rows,
  ...work,
});
const nothing: Measured = { rates: {}, workloads: [], sweep: [], steady: [] };
const find = (measured: Partial<Measured>, claim: string) =>
  judge({ ...nothing, ...measured }).find((target) => target.claim.includes(claim));

test('what was not measured is neither met nor missed', () => {
  for (const { met } of judge(nothing)) expect(met).toBeNull();
});

describe('against a peer', () => {
  const two = (second: number) => [
    workload('mlp-784', 'mlp', [row('thalweg', 1, 1), row('jax-js', 9, 9)]),
    workload('gpt', 'gpt', [row('thalweg', 1, 1), row('jax-js', second, second)]),
    workload('matmul-1024', 'matmul', [row('thalweg', 1, 1), row('jax-js', 1, 1)]),
  ];

  test('every workload counts, but for those of the machine', () => {
    expect(find({ workloads: two(8) }, 'jax-js')).toMatchObject({
      met: true,
      measured: '2 of 2 workloads; least: gpt 8.00x',
    });
  });

  test('one that is short is named', () => {
    expect(find({ workloads: two(7.5) }, 'jax-js')).toMatchObject({
      met: false,
      measured: '1 of 2 workloads; short: gpt 7.50x',
    });
  });
});

test.each<[string, Partial<Row>, string]>([
  ['a step that was timed once', { times: summarize([685]), agrees: true }, 'timed once'],
  ['a value that differs', { times: summarize([685, 685]), agrees: false }, 'value differs'],
  ['a value that was not compared', { times: summarize([685, 685]), agrees: undefined }, 'value not compared'],
  ['a peer that was not waited for', { outcome: 'slow', ratio: undefined }, 'slow'],
])('%s decides nothing, even if it would flatter us', (_, values, reason) => {
  const other: Row = { peer: 'torch', outcome: 'measured', ratio: 14, ...values };
  const workloads = [workload('mlp-784', 'mlp', [row('thalweg', 48, 1), other])];
  expect(find({ workloads }, 'PyTorch eager: at least 1.0x')).toMatchObject({
    met: null,
    measured: expect.stringContaining(`not judged (${reason}): mlp-784`),
  });
});

test('a matmul-bound step against the rate of the machine', () => {
  const beside = (rate: number) => [
    workload('mlp-784', 'mlp', [row('thalweg', 2, 1)], { flops: 1.2e8, product: { rate, peer: 'numpy' } }),
  ];
  const rates = { fastest: { rate: 150, peer: 'torch' } };
  expect(find({ workloads: beside(100), rates }, 'mlp-784: at least 60%')).toMatchObject({
    met: true,
    measured: '60% of 100 (numpy), 40% of 150 (torch)',
  });
  expect(find({ workloads: beside(101) }, 'mlp-784: at least 60%')).toMatchObject({ met: false });
});

test('an update against the bandwidth of a copy', () => {
  const workloads = [workload('update-adamw-3e7', 'update', [row('thalweg', 100, 1)], { bytes: 28 * 3e7 })];
  expect(find({ workloads, rates: { copy: { rate: 10, peer: 'torch' } } }, 'adamw at 3e7')).toMatchObject({
    met: true,
    measured: '84% of 10.0 (torch)',
  });
  expect(find({ workloads, rates: { copy: { rate: 11, peer: 'torch' } } }, 'adamw at 3e7')).toMatchObject({
    met: false,
  });
});

test('adamw per parameter is that of one thread', () => {
  const workloads = [
    workload('update-adamw-1e6', 'update', [row('thalweg', 0.7, 1), row('thalweg-one-thread', 1.25, 1.8)]),
  ];
  expect(find({ workloads }, 'per parameter and thread')).toMatchObject({
    met: false,
    measured: '1.25 ns with one thread',
  });
});

test('the sweep is judged by whole trials, with the steps alone beside it', () => {
  const rows = (level: SweepRow['level'], rates: readonly number[]): SweepRow[] =>
    rates.map((trialsPerSecond, i) => ({ level, way: `${i}`, trialsPerSecond, first: 1, agrees: true }));
  const sweep = [...rows('trials', [10, 19, 41]), ...rows('steps', [100, 190, 200])];
  const claim = 'sweep of 16 small trials';
  expect(find({ sweep }, claim)).toMatchObject({
    met: true,
    measured: '4.10x; the steps alone, without trainer, 2.00x',
  });
  const wrong = sweep.map((sweepRow) => ({ ...sweepRow, agrees: false }));
  expect(find({ sweep: wrong }, claim)).toMatchObject({ met: null });
});
