import { expect, test } from 'vitest';
import { wrap } from './wrap.ts';

test('lines are broken between words, and a longer word stands alone', () => {
  expect(wrap('one two  three\nfour', 9)).toEqual(['one two', 'three', 'four']);
  expect(wrap('a incomprehensible b', 6)).toEqual(['a', 'incomprehensible', 'b']);
});
