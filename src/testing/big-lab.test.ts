import { expect, test } from 'vitest';
import { openLab } from '../lab/store/open.ts';
import { resultOf } from '../lab/store/result-of.ts';
import { buildBigLab } from './big-lab.ts';
import { freshPath } from './labs.ts';

test('a big lab holds as many trials as were asked for, with full curves, and can be scored', async () => {
  const where = freshPath();
  const id = await buildBigLab(where, { trials: 410, points: 50, evaluations: 10 });
  const lab = await openLab(where);
  expect(await lab.races()).toMatchObject([{ id, status: 'finished', ended: 410, failed: 0, running: 0 }]);
  const summaries = await lab.summaries(id);
  expect(summaries).toHaveLength(410);
  expect(summaries.every(({ metric }) => Number.isFinite(metric))).toBe(true);
  const trials = await lab.trials(id);
  expect(trials.every(({ outcome }) => outcome.trainLoss.length === 50 && outcome.validation.length === 10)).toBe(true);
  const { tasks } = await resultOf(lab, id, { detail: 'scores' });
  expect(tasks.map(({ rows }) => rows.length)).toEqual([10, 10, 10, 10]);
  await lab.close();
});
