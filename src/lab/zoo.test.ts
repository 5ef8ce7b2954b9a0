import { describe, expect, test } from 'vitest';
import { methods, schedules, wrappers } from '../optim/registry.ts';
import {
  answers,
  isFine,
  secondsLeft,
  type ZooEntry,
  type ZooResult,
  type ZooTask,
  zooEntries,
  zooOptimizer,
  zooPage,
  zooProtocol,
  zooRow,
  zooSettings,
  zooTasks,
} from './zoo.ts';

const task: ZooTask = { ...zooTasks[0], learned: 0.6 };
const entry = (name: string, excuses: ZooEntry['excuses'] = {}): ZooEntry => ({ name, fixed: {}, excuses });
const result = (name: string, losses: (number | null)[], more: Partial<ZooResult> = {}): ZooResult => ({
  name,
  task: task.id,
  fixed: {},
  protocol: zooProtocol,
  trials: losses.map((loss) => ({ values: { lr: 0.1 }, loss })),
  millisecondsPerStep: 1.5,
  seconds: 2,
  ...more,
});

describe('the zoo', () => {
  test('has an entry for everything in the registry, and every entry can be made', () => {
    const names = zooEntries().map(({ name }) => name);
    expect(names.length).toBe(methods.length + wrappers.length + schedules.length);
    for (const one of zooEntries()) {
      expect(zooOptimizer(one).id).toBe(one.name);
      for (const id of Object.keys(one.excuses)) expect(zooTasks.map((known) => known.id)).toContain(id);
    }
  });

  test('draws eight legal settings from the tuning ranges, and the defaults once where there are none', () => {
    for (const one of zooEntries()) {
      const { spec } = zooOptimizer(one);
      const settings = zooSettings(one);
      const tuned = Object.entries(spec).filter(([, hyper]) => 'tune' in hyper && hyper.tune);
      expect(settings.length).toBe(tuned.length === 0 ? 1 : zooProtocol.trials);
      for (const setting of settings) {
        expect(Object.keys(setting).sort()).toEqual(tuned.map(([name]) => name).sort());
        zooOptimizer(one).with(setting);
      }
    }
  });

  test('a row has the best and the median loss; a trial that diverged counts as infinite', () => {
    const row = zooRow(entry('sgd'), task, result('sgd', [0.9, 0.3, null, 0.5]));
    expect(row).toMatchObject({ best: 0.3, median: 0.7, trials: 4, diverged: 1, verdict: 'learns', remark: '' });
    const fixed = { maxIter: 1, lineSearch: 'none' };
    expect(zooRow({ ...entry('lbfgs'), fixed }, task, result('lbfgs', [1])).name).toBe(
      'lbfgs[maxIter=1,lineSearch=none]',
    );
    const lost = zooRow(entry('sgd'), task, result('sgd', [null, 0.7, null]));
    expect(lost).toMatchObject({ best: 0.7, median: Number.POSITIVE_INFINITY, verdict: 'does not learn' });
  });

  test('not to learn needs a reason, and a reason needs not to learn', () => {
    const excuses = { [task.id]: 'it is for convex games' };
    const verdicts = (losses: (number | null)[], more?: Partial<ZooResult>) =>
      [entry('a'), entry('a', excuses)].map((one) => zooRow(one, task, result('a', losses, more)));
    expect(verdicts([0.5]).map(({ verdict }) => verdict)).toEqual(['learns', 'excuse not needed']);
    expect(verdicts([0.6]).map(({ verdict }) => verdict)).toEqual(['does not learn', 'excused']);
    expect(verdicts([0.6]).map(isFine)).toEqual([false, true]);
    expect(verdicts([], { error: 'boom' }).map(({ verdict, remark }) => `${verdict} ${remark}`)).toEqual(
      Array(2).fill('error boom'),
    );
  });

  test('a stored result is kept if it answers the same question', () => {
    const asked = entry('sgd');
    const trials = zooSettings(asked).map((values) => ({ values, loss: 0.4 }));
    const good = result('sgd', [], { trials });
    expect(answers(asked, good)).toBe(true);
    expect(answers(asked, JSON.parse(JSON.stringify(good)))).toBe(true);
    expect(answers(asked, { ...good, error: 'boom' })).toBe(false);
    expect(answers(asked, { ...good, protocol: { ...zooProtocol, steps: 7 } })).toBe(false);
    expect(answers({ ...asked, fixed: { momentum: 0.9 } }, good)).toBe(false);
    expect(answers(asked, { ...good, trials: trials.slice(1) })).toBe(false);
  });

  test('the page says what was done, and has a table for each task', () => {
    const rows = [
      zooRow(entry('sgd'), task, result('sgd', [0.3, 0.4])),
      zooRow(entry('b', { [task.id]: 'one | two' }), task, result('b', [0.7])),
    ];
    const page = zooPage([{ task, rows }], '2 cores of a machine', 125);
    expect(page).toContain('| `sgd` | 0.3 | 0.35 | 0 of 2 | 1.5 | learns |');
    expect(page).toContain('| excused: one \\| two |');
    expect(page).toContain('2 cores of a machine; the runs took 2 min 05 s');
    expect(page).toContain(`## ${task.id}`);
  });

  test('the time that is left follows from the pace so far', () => {
    expect(secondsLeft([2, 4], 10, 2)).toBe(15);
    expect(secondsLeft([], 10, 2)).toBeNaN();
  });
});
