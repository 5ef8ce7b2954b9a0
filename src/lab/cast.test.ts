import { join } from 'node:path';
import { expect, test } from 'vitest';
import { adamw, defineOptimizer, positive, sgd } from '../optim/index.ts';
import { defineFunction, rosenbrock } from '../tasks/index.ts';
import { castOf, loadCast, objectsOf, optimizerOf, ownOf } from './cast.ts';

const plain = defineOptimizer({
  id: 'plain',
  summary: 'a step down the gradient',
  source: 'this test',
  hyper: { lr: positive(0.1) },
  init: () => ({}),
  step: ({ w, oracle, hyper: { lr } }) => ({ w: w.sub(oracle.grad(w).mul(lr)), state: {} }),
});

const bowl = (id = 'bowl') =>
  defineFunction({
    id,
    summary: 'a bowl',
    dimension: 2,
    start: { kind: 'constant', value: 1 },
    value: (w) => w.square().sum(),
    steps: 10,
    target: 0.1,
  });

const own = join(import.meta.dirname, '..', '..', 'examples', 'races', 'own-task.ts');

test('knows the registries, and refuses other names', async () => {
  const cast = await loadCast(null);
  expect(cast.task('rosenbrock').id).toBe('rosenbrock');
  expect(cast.optimizer('sam(sgd)', { rho: 0.1 }).values).toMatchObject({ rho: 0.1 });
  expect(() => cast.task('nothing')).toThrow('there is no task');
  expect(() => cast.optimizer('nothing')).toThrow('there is no method');
});

test("a race's own optimizer takes values and wrappers like any other", () => {
  const cast = castOf({ optimizers: { plain: plain() } });
  expect(cast.optimizer('plain', { lr: 0.5 }).values).toEqual({ lr: 0.5 });
  const wrapped = cast.optimizer('sam(plain)', { lr: 0.5, rho: 0.2 });
  expect(wrapped.id).toBe('sam(plain)');
  expect(wrapped.values).toMatchObject({ lr: 0.5, rho: 0.2 });
  expect(() => cast.optimizer('sam(plian)')).toThrow('plain');
});

test('data is loaded once, whoever asks', async () => {
  let loads = 0;
  const load = async () => {
    loads++;
    return null;
  };
  const counted = { ...bowl(), data: load };
  const cast = castOf({ tasks: { counted } });
  await Promise.all([cast.task('counted').data(), cast.task('counted').data()]);
  expect(loads).toBe(1);
});

test('a module brings its exports, and the objects of its race by their labels', async () => {
  const cast = await loadCast(own);
  expect(cast.task('wave').target.metric).toBe('distance');
  expect(cast.optimizer('normalized-momentum').values).toMatchObject({ beta: 0.9 });
  expect(cast.optimizer('slow').values).toMatchObject({ beta: 0.99 });
  expect(Object.keys(cast.own.optimizers).sort()).toEqual(['normalized-momentum', 'slow']);
});

test('of the exports only tasks and optimizers count: no wrappers, schedules, models or numbers', () => {
  const exports = {
    bowl: bowl(),
    plain,
    configured: adamw({ lr: 0.1 }),
    wrapper: Object.assign(() => 1, { id: 'x', hyper: {} }),
  };
  const found = ownOf({ ...exports, number: 3, nothing: null, text: 'adamw' }, 'file.ts');
  expect(Object.keys(found.tasks ?? {})).toEqual(['bowl']);
  expect(Object.keys(found.optimizers ?? {}).sort()).toEqual(['adamw', 'plain']);
});

test('two exports with one id are refused', () => {
  expect(() => ownOf({ a: bowl(), b: bowl() }, 'file.ts')).toThrow("file.ts: exports two tasks with the id 'bowl'");
});

test('objects go by their labels, so that one method may take part twice', () => {
  const race = {
    tasks: [bowl('a'), { task: bowl('a'), label: 'b' }, 'rosenbrock', { task: 'beale' }],
    competitors: ['adam', { optimizer: sgd() }, { label: 'slow', optimizer: sgd({ lr: 0.001 }) }, { optimizer: plain }],
  };
  const { tasks, optimizers } = objectsOf(race);
  expect(Object.keys(tasks)).toEqual(['a', 'b']);
  expect(Object.keys(optimizers)).toEqual(['sgd', 'slow', 'plain']);
  expect(objectsOf(undefined)).toEqual({ tasks: {}, optimizers: {} });
});

test('a factory stands for the same optimizer every time', () => {
  expect(optimizerOf(plain)).toBe(optimizerOf(plain));
  expect(optimizerOf(rosenbrock)).toBeNull();
});

test('a module that is not there, or does not load, is named', async () => {
  await expect(loadCast('/nowhere/race.ts')).rejects.toThrow('/nowhere/race.ts: there is no such file; ');
  await expect(loadCast('race.ts')).rejects.toThrow('must be a whole path');
});
