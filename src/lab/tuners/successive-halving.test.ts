import { describe, expect, test } from 'vitest';
import { log } from '../../optim/hyper.ts';
import { tunerPlan } from './index.ts';
import { rungSteps } from './rungs.ts';
import { type SuccessiveHalvingOptions, successiveHalving as tuner } from './successive-halving.ts';
import type { Probe, Result, Study } from './tuner.ts';

const study: Study = { space: { lr: log(1e-4, 1) }, start: { lr: 1e-3 }, steps: 270, seed: 0 };
const options = tunerPlan('successive-halving').options as SuccessiveHalvingOptions;

const run = (score: (probe: Probe) => number) => {
  const results = new Map<string, Result>();
  for (;;) {
    const advice = tuner.advise(study, options, results);
    if (advice.done) return advice;
    for (const probe of advice.probes) {
      if (!results.has(probe.key)) results.set(probe.key, { score: score(probe), loss: 0 });
    }
  }
};

describe('rungSteps', () => {
  test.each([
    [270, 3, 4, [10, 30, 90, 270]],
    [390, 3, 4, [14, 43, 130, 390]],
    [10, 3, 4, [1, 3, 10]],
    [100, 2, 1, [100]],
    [1, 2, 3, [1]],
  ])('of %d steps with eta %d and %d rungs', (steps, eta, rungs, expected) => {
    expect(rungSteps(steps, eta, rungs)).toEqual(expected);
  });
});

test('the best third goes on, each from its own end, and the best on the last rung is chosen', () => {
  const { probes, done } = run(({ values }) => values.lr);
  const rungs = [10, 30, 90, 270].map((until) => probes.filter((probe) => probe.until === until));
  expect(rungs.map(({ length }) => length)).toEqual([27, 9, 3, 1]);
  const lowest = rungs[0].map(({ values }) => values.lr).sort((a, b) => a - b);
  rungs.slice(1).forEach((rung, k) => {
    expect(rung.map(({ values }) => values.lr)).toEqual(lowest.slice(0, rung.length));
    const before = new Map(rungs[k].map((probe) => [probe.key, probe]));
    for (const { from, values } of rung) expect(before.get(from ?? '')?.values).toEqual(values);
  });
  expect(done?.best).toEqual(rungs[3][0]);
  expect(tuner.most(study, options)).toEqual({ probes: 40, steps: 27 * 10 + 9 * 20 + 3 * 60 + 180 });
});

test('a setting that diverges later is not chosen for its early results', () => {
  // The lowest learning rate of all blows up on the last rung.
  const { probes, done } = run(({ values, until }) => (until === 270 ? Number.POSITIVE_INFINITY : values.lr));
  const third = probes.filter(({ until }) => until === 90).sort((a, b) => a.values.lr - b.values.lr);
  expect(done?.best).toEqual(third[1]);
});

test('places of settings that diverged stay empty', () => {
  const good = new Set(['0@10', '5@10', '6@10', '0@30', '5@30', '6@30']);
  const { probes, done } = run(({ key, until }) => (until > 30 || good.has(key) ? 1 : Number.POSITIVE_INFINITY));
  expect(probes.filter(({ until }) => until === 30).map(({ key }) => key)).toEqual(['0@30', '5@30', '6@30']);
  expect(done?.best?.key).toBe('0');
});
