import { describe, expect, test } from 'vitest';
import { fillRandom } from '../../runtime/random.ts';
import { finalTrials, type MadeUpEnd, madeUpPlan, madeUpTask } from '../../testing/race.ts';
import { meanRanks } from './across.ts';
import { scoreRace } from './score.ts';

/** A race from its final ends, by task and competitor. */
function raceOf(ends: Readonly<Record<string, Readonly<Record<string, readonly MadeUpEnd[]>>>>) {
  const tasks = Object.keys(ends).map((label) => madeUpTask(label, { evaluations: 20 }));
  const labels = Object.keys(Object.values(ends)[0]);
  const race = madeUpPlan({ tasks, competitors: labels });
  const trials = tasks.flatMap((task) => labels.flatMap((label) => finalTrials(label, ends[task.label][label], task)));
  const { across, headline } = scoreRace(race, trials);
  if (across === null) throw new Error('one task only');
  return { across, headline };
}

const good = [0.05, 0.051, 0.0495];
const fair = [0.06, 0.061, 0.0594];
const poor = [0.09, 0.091, 0.0893];

describe('over several tasks', () => {
  test('who is first everywhere is named', () => {
    const { across, headline } = raceOf({
      x: { b: poor, a: good, c: fair },
      y: { b: fair, a: good, c: poor },
      z: { b: fair, a: good, c: poor },
    });
    expect(headline).toBe('a ranks best over 3 tasks (mean rank 1.00, 95% interval 1.00 to 1.00).');
    expect(across.rows.map(({ competitor, meanRank, firsts }) => [competitor, meanRank.toFixed(3), firsts])).toEqual([
      ['a', '1.000', 3],
      ['b', '2.333', 0],
      ['c', '2.667', 0],
    ]);
    const [a, b, c] = across.rows;
    expect([a.nash, a.best, a.score]).toEqual([1, 1, 1]);
    expect(b.score).toBeGreaterThan(c.score);
    expect(c.score).toBeGreaterThan(0);
    expect(across.difficulty.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
  });

  test('nobody is named where each is first on one task', () => {
    const { across, headline } = raceOf({ x: { a: good, b: poor }, y: { a: poor, b: good } });
    expect(headline).toBe('No winner can be named over 2 tasks: a and b share the lowest mean rank, 1.50.');
    expect(across.rows.map(({ low, high }) => [low, high])).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  test('nobody is named with one seed, and nothing is said of how sure a rank is', () => {
    const { across, headline } = raceOf({ x: { a: [0.1], b: [0.2] }, y: { a: [0.1], b: [0.2] } });
    expect(headline).toMatch(/^No winner can be named over 2 tasks: with one final seed/);
    expect(across.rows.map(({ meanRank, low, high, best }) => [meanRank, low, high, best])).toEqual([
      [1, Number.NaN, Number.NaN, Number.NaN],
      [2, Number.NaN, Number.NaN, Number.NaN],
    ]);
  });

  test('nobody is named by two seeds that scatter, though one is ahead in all runs', () => {
    const runs = { a: [0.1, 0.2], b: [0.12, 0.3] };
    const { headline } = raceOf({ x: runs, y: runs, z: runs });
    expect(headline).toMatch(/^No winner can be named over 3 tasks: a has the lowest mean rank \(1.00, 95% interval/);
    const far = { a: [0.1, 0.11], b: [0.9, 0.905] };
    expect(raceOf({ x: far, y: far, z: far }).headline).toMatch(/^a ranks best over 3 tasks/);
  });

  test('nobody is named while a task has no final runs', () => {
    const { headline } = raceOf({ x: { a: good, b: poor }, y: { a: [], b: [] } });
    expect(headline).toBe(
      'No winner can be named over 2 tasks: there are not two final seeds on each that all have finished.',
    );
  });

  test('who is ahead, but not surely, is said to be no more', () => {
    const scattered = { a: [0.1, 0.3, 0.2], b: [0.2, 0.25, 0.22] };
    const { headline } = raceOf({ x: scattered, y: { a: good, b: poor } });
    expect(headline).toMatch(
      /^No winner can be named over 2 tasks: a has the lowest mean rank \(1.00, 95% interval 1.00 to \d.\d\d\), but is the best one with a probability of \d\d% only\.$/,
    );
  });

  test('who diverged on a task is last there, and never met its target', () => {
    const { across } = raceOf({
      x: { a: good, b: fair, c: poor },
      y: { a: [0.01, 0.01, 'diverged'], b: fair, c: poor },
    });
    const byLabel = new Map(across.rows.map((row) => [row.competitor, row]));
    expect([byLabel.get('a')?.meanRank, byLabel.get('b')?.meanRank]).toEqual([2, 1.5]);
    // One of three runs missed: the median did not.
    expect(byLabel.get('a')?.score).toBe(1);
    const two = raceOf({ x: { a: good, b: fair }, y: { a: [0.01, 'diverged', 'diverged'], b: fair } }).across;
    expect(two.rows.find(({ competitor }) => competitor === 'a')?.score).toBe(0.5);
    expect(two.profiles.find(({ competitor }) => competitor === 'a')?.points.at(-1)).toEqual({ tau: 4, share: 0.5 });
  });

  test('of a race in which nothing ended', () => {
    const { across, headline } = raceOf({ x: { a: [], b: [] }, y: { a: [], b: [] } });
    expect(headline).toBe('No competitor finished a final run.');
    expect(across.rows.map(({ meanRank, score, best }) => [meanRank, score, best])).toEqual([
      [1.5, 0, Number.NaN],
      [1.5, 0, Number.NaN],
    ]);
  });
});

describe('the mean rank', () => {
  test('of equal methods is sure in less than 1% of races, on two seeds as on three', () => {
    /** Share of races in which somebody has the lowest mean rank in 99% of the resamples. */
    const sureAmongEquals = (races: number, tasks: number, competitors: number, seeds: number): number => {
      let sure = 0;
      for (let race = 0; race < races; race++) {
        const tables = Array.from({ length: tasks }, (_, w) =>
          Array.from({ length: competitors }, (_, c) => {
            const values = new Float64Array(seeds);
            fillRandom(values, 'normal', { seed: race, stream: `${w}/${c}`, step: 0 });
            return values;
          }),
        );
        if (meanRanks(tables, { seed: race, stream: 'null' }, 300).some(({ best }) => best >= 0.99)) sure++;
      }
      return sure / races;
    };
    // A bootstrap over seeds errs in 4% of races of two on two tasks with three seeds, and in 12% with two.
    expect(sureAmongEquals(400, 2, 2, 2)).toBeLessThan(0.015);
    expect(sureAmongEquals(400, 2, 2, 3)).toBeLessThan(0.015);
    expect(sureAmongEquals(300, 3, 2, 3)).toBeLessThan(0.015);
    expect(sureAmongEquals(40, 3, 10, 3)).toBeLessThan(0.02);
  });
});
