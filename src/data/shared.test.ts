import { expect, test } from 'vitest';
import { shared } from './shared.ts';

test('a load is shared by its key, and a failed one is tried again', async () => {
  let calls = 0;
  const load = shared(async (key: string) => {
    calls++;
    if (calls === 1) throw new Error('first');
    return { key, calls };
  });
  await expect(load('a')).rejects.toThrow('first');
  const [a, b, other] = await Promise.all([load('a'), load('a'), load('b')]);
  expect(a).toBe(b);
  expect(other).toEqual({ key: 'b', calls: 3 });
});
