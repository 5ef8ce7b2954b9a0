import { expect, test } from 'vitest';
import { expectClose } from '../testing/close.ts';
import { commonLoss, trajectory, w0 } from '../testing/trajectory.ts';
import { adadelta } from './adaptive/adadelta.ts';
import { getOptimizer } from './registry.ts';
import { sam } from './wrappers/sam.ts';

test('of a name that wrapper and base both have, each has its own value', async () => {
  const optimizer = sam(adadelta({ rho: 0.8 }), { rho: 0.3 });
  expect(optimizer.values).toMatchObject({ 'sam.rho': 0.3, rho: 0.8 });
  const byName = getOptimizer('sam(adadelta)', { 'sam.rho': 0.3, rho: 0.8 });
  expect(byName.values).toEqual(optimizer.values);
  const changed = optimizer.with({ rho: 0.9, 'sam.rho': 0 });
  expect(changed.values).toMatchObject({ 'sam.rho': 0, rho: 0.9 });
  // Without a neighbourhood SAM is its base: the base has seen 0.9, the wrapper 0.
  const run = async (one: typeof changed) => (await trajectory(one, { w0, loss: commonLoss, steps: 3 })).w;
  expectClose(await run(changed), await run(adadelta({ rho: 0.9 })), { relative: 1e-12 });
  expect(await run(changed)).not.toEqual(await run(optimizer));
});

test('one wrapper or schedule may stand around itself', async () => {
  const twice = getOptimizer('linear(cosine(sgd))', { lr: 1, 'linear.warmup': 2 });
  expect(twice.values).toMatchObject({ 'linear.warmup': 2, warmup: 0 });
  const thrice = getOptimizer('clip(clip(clip(sgd)))', { maxNorm: 3, 'clip.maxNorm': 2, 'clip.clip.maxNorm': 1 });
  expect(thrice.values).toMatchObject({ maxNorm: 3, 'clip.maxNorm': 2, 'clip.clip.maxNorm': 1 });
  expect(() => getOptimizer('clip(clip(sgd))', { 'clip.maxNorm': -1 })).toThrow('maxNorm is -1');
});
