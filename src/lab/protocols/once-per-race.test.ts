import { expect, test } from 'vitest';
import { madeUpPlan } from '../../testing/race.ts';
import { oncePerRace } from './once-per-race.ts';

test('what follows from a plan is made once for each race and its options', () => {
  let made = 0;
  const label = oncePerRace(({ name }, { count }: { count: number }) => `${name} ${count} ${++made}`);
  const [one, two] = [madeUpPlan({ competitors: [], name: 'one' }), madeUpPlan({ competitors: [], name: 'two' })];
  const options = { count: 3 };
  expect([label(one, options), label(one, options), label(two, options)]).toEqual(['one 3 1', 'one 3 1', 'two 3 2']);
  expect(label(one, { count: 4 })).toBe('one 4 3');
});
