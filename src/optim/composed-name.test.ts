import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkBrackets, NameSyntaxError, partsOf } from './composed-name.ts';

describe('a composed name', () => {
  test('is its parts, outermost first, however it is spaced', () => {
    expect(partsOf('sgd')).toEqual(['sgd']);
    expect(partsOf('linear(sam(sgd))')).toEqual(['linear', 'sam', 'sgd']);
    expect(partsOf(' linear ( sam( sgd ) ) ')).toEqual(['linear', 'sam', 'sgd']);
  });

  test.each([
    ['sam(sgd', "'sam(sgd': the '(' at character 4 is never closed: sam→(sgd"],
    ['linear(sam(sgd)', "'linear(sam(sgd)': the '(' at character 7 is never closed: linear→(sam(sgd)"],
    ['sgd)', "'sgd)': the ')' at character 4 closes nothing: sgd→)"],
    ['sam(sgd)x', "the ')' at character 8 has something after it: sam(sgd→)x"],
    ['sam(sgd)(adamw)', "the ')' at character 8 has something after it"],
    ['sam()', "the '(' at character 4 has no name in it"],
    ['(sgd)', "the '(' at character 1 has no name before it"],
    ['sam((sgd))', "the '(' at character 5 has no name before it"],
  ])('%s is refused, and the message names the bracket and where it stands', (name, message) => {
    expect(() => partsOf(name)).toThrow(NameSyntaxError);
    expect(() => partsOf(name)).toThrow(message);
  });
});

test('brackets of two kinds must not be confused', () => {
  checkBrackets('sam(sgd)[rho=0.1]');
  expect(() => checkBrackets('sgd[momentum=0.9')).toThrow("the '[' at character 4 is never closed: sgd→[momentum=0.9");
  expect(() => checkBrackets('sam(sgd[lr=1)')).toThrow("the '[' at character 8 is closed by ')'");
});

test('text is refused exactly where removing pairs leaves a bracket', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('(', ')', '[', ']', 'a'), maxLength: 12 }), (text) => {
      let left = text.replaceAll('a', '');
      for (let before = ''; before !== left; ) [before, left] = [left, left.replaceAll('()', '').replaceAll('[]', '')];
      if (left === '') checkBrackets(text);
      else expect(() => checkBrackets(text)).toThrow(NameSyntaxError);
    }),
  );
});
