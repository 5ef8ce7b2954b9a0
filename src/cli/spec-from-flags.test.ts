import { expect, test } from 'vitest';
import { tasks } from '../tasks/registry.ts';
import { defaultOptimizers } from './defaults.ts';
import { specOf, withFlags } from './spec-from-flags.ts';

test('without a word it is the default race', () => {
  const spec = specOf({});
  expect(spec.tasks).toEqual([{ task: 'mnist-mlp', evaluations: 15 }]);
  expect(spec.competitors).toMatchObject(defaultOptimizers.map((label) => ({ label })));
  expect(spec).toMatchObject({ seeds: 3, seed: 0, engine: 'auto' });
  expect(spec.protocol).toEqual({
    kind: 'equal-budget',
    tuneSteps: '33.333%',
    tuner: { kind: 'quasi-random', trials: 10 },
  });
  // Its tuning trials have a third of the steps of a final run.
  expect(Math.round((tasks['mnist-mlp']().steps * 33.333) / 100)).toBe(390);
});

test('--quick is a small one, and flags go before its numbers', () => {
  const quick = specOf({ quick: true, trials: 5, steps: 50 });
  expect(quick.tasks).toEqual([{ task: 'mnist-mlp', steps: 50, evaluations: 10 }]);
  expect(quick.seeds).toBe(2);
  expect(quick.protocol).toMatchObject({ tuneSteps: '100%', tuner: { kind: 'quasi-random', trials: 5 } });
});

test('several tasks share steps and evaluations', () => {
  expect(specOf({ task: ['beale', 'rosenbrock'], steps: 9, evaluations: 3 }).tasks).toEqual([
    { task: 'beale', steps: 9, evaluations: 3 },
    { task: 'rosenbrock', steps: 9, evaluations: 3 },
  ]);
});

test.each([
  [{ tuner: 'hyperband[eta=4]' }, { kind: 'equal-budget', tuner: { kind: 'hyperband', eta: 4 } }],
  [
    { tuner: 'tpe', trials: 7, tuneSteps: 5 },
    { kind: 'equal-budget', tuneSteps: 5, tuner: { kind: 'tpe', trials: 7 } },
  ],
  [
    { protocol: 'equal-budget', trials: 4 },
    { kind: 'equal-budget', tuner: { kind: 'quasi-random', trials: 4 } },
  ],
  [
    { protocol: 'time-to-target', trials: 4 },
    { kind: 'time-to-target', trials: 4 },
  ],
  [{ protocol: 'one-for-all[points=3]' }, { kind: 'one-for-all', points: 3 }],
  [{ protocol: 'one-for-all', quick: true }, { kind: 'one-for-all' }],
])('%j chooses %j; what is not said is left to its defaults', (flags, protocol) => {
  expect(specOf(flags).protocol).toEqual(protocol);
});

test('beside a race file go seeds and engine; everything else is said in the file', () => {
  const race = { tasks: ['beale'], competitors: ['sgd'], seeds: 2, seed: 1 };
  expect(withFlags(race, 'race.json', { seed: 5, engine: 'wasm' })).toEqual({ ...race, seed: 5, engine: 'wasm' });
  for (const flags of [{ task: ['beale'] }, { optimizers: ['sgd'] }, { tuner: 'tpe' }, { steps: 3 }, { quick: true }]) {
    expect(() => withFlags(race, 'race.json', flags)).toThrow('cannot be given with a race file: say it in race.json');
  }
});

test('empty lists are refused', () => {
  expect(() => specOf({ task: [] })).toThrow('--task names none');
  expect(() => specOf({ optimizers: [] })).toThrow('--optimizers names none');
});
