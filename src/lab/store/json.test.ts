import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decode, encode } from './json.ts';

test('every number comes back to the same bits', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })), (numbers) => {
      // JSON has no sign for zero.
      const back = decode<number[]>(encode(numbers));
      expect(back).toEqual(numbers.map((x) => (x === 0 ? 0 : x)));
    }),
  );
});

test('numbers that JSON lacks are null there and NaN when read again, at every depth', () => {
  const text = encode({ loss: [1, Number.NaN], metrics: { error: Number.POSITIVE_INFINITY } });
  expect(text).toBe('{"loss":[1,null],"metrics":{"error":null}}');
  expect(decode(text)).toEqual({ loss: [1, Number.NaN], metrics: { error: Number.NaN } });
});

test('a text that speaks of null stays a text', () => {
  expect(decode('{"error":"null pointer"}')).toEqual({ error: 'null pointer' });
});
