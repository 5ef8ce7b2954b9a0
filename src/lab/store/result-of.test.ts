import { expect, test } from 'vitest';
import { about, freshPath } from '../../testing/labs.ts';
import { finishedOutcome, madeUpPlan, trialPlan } from '../../testing/race.ts';
import { scoreRace } from '../analysis/score.ts';
import type { Outcome } from '../plan.ts';
import { renderReport } from '../report/report.ts';
import { openLab } from './open.ts';
import { resultOf } from './result-of.ts';

const withLosses = (outcome: Outcome): Outcome => ({
  ...outcome,
  trainLoss: [4, 3, 2, 1].map((loss, i) => ({ step: i + 1, loss })),
});

test('a race out of its lab shows what it showed when it ran', async () => {
  const plan = madeUpPlan({ competitors: ['adamw', 'sgd'] });
  const trials = ['adamw', 'sgd'].flatMap((name, i) =>
    [0, 1, 2].flatMap((index) => {
      const [tune, final] = [trialPlan(name, 'tune', index), trialPlan(name, 'final', index)];
      return [
        { plan: tune, outcome: finishedOutcome(tune, 0.3 / (1 + index)) },
        { plan: final, outcome: withLosses(finishedOutcome(final, 0.1 * (1 + i) + 0.001 * index)) },
      ];
    }),
  );
  const lab = await openLab(freshPath());
  const id = await lab.create(plan, about);
  const held = await lab.hold(id);
  await held.record(trials);
  await held.end('finished', 7);
  const result = await resultOf(lab, 'latest');
  expect(result).toMatchObject({ id, status: 'finished', plan, ...about, seconds: 7, ...scoreRace(plan, trials) });
  expect(result.tasks[0].rows.map(({ competitor }) => competitor.label)).toEqual(['adamw', 'sgd']);
  expect(result.trials).toHaveLength(12);
  // What shows a race reads no more than scores need, and shows the same.
  const { trials: less, ...scores } = await resultOf(lab, id, { detail: 'scores' });
  const { trials: all, ...same } = result;
  expect(scores).toEqual(same);
  expect(JSON.stringify(less).length).toBeLessThan(JSON.stringify(all).length);
  expect(renderReport({ ...scores, trials: less })).toBe(renderReport(result));
  // A table needs no curves, and is the same without.
  const table = await resultOf(lab, id, { detail: 'scores', curves: false });
  expect(result.tasks[0].tunability).not.toEqual([]);
  const bare = result.tasks.map((task) => ({ ...task, tunability: [], flips: [] }));
  expect(table).toEqual({ ...result, tasks: bare, trials: less });
  await lab.close();
});
