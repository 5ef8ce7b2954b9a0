import { expect, test } from 'vitest';
import { sotu, sotuVocabulary } from './sotu.ts';
import { textWindows } from './text-windows.ts';

test('the speeches part into 90, 5 and 5 percent of ten million characters', async () => {
  const { train, validation, test } = await sotu();
  expect([train.length, validation.length, test.length]).toEqual([9_684_018, 538_001, 538_001]);
});

test('the text reads as English and holds every character of the vocabulary', async () => {
  const { train } = await sotu();
  expect(sotuVocabulary.size).toBe(83);
  expect(new Set(train).size).toBe(83);
  const text = sotuVocabulary.decode(train.subarray(0, 300_000));
  expect(text.match(/ of the United States /g)?.length).toBeGreaterThan(20);
  expect(text).not.toMatch(/\n[a-z ]/);
});

test('targets are the inputs one place on', async () => {
  const { validation } = await sotu();
  const windows = textWindows(validation, { length: 64 });
  const [input, target, following] = [new Int32Array(64), new Int32Array(64), new Int32Array(64)];
  windows.read([10], 'input', input);
  windows.read([10], 'target', target);
  windows.read([11], 'input', following);
  expect([...target]).toEqual([...input.slice(1), following[0]]);
});
