import { expect, test } from 'vitest';
import { nearest, UsageError } from './errors.ts';
import { competitorsOf, splitList } from './names.ts';

test('lists are split outside brackets only', () => {
  expect(splitList('adamw, sgd[momentum=0.9,nesterov=true],sam(sgd),')).toEqual([
    'adamw',
    'sgd[momentum=0.9,nesterov=true]',
    'sam(sgd)',
  ]);
});

test('a name that is far from all is not guessed at', () => {
  expect(nearest('adamv', ['sgd', 'adamw'])).toBe('adamw');
  expect(nearest('x', ['sgd', 'adamw'])).toBeNull();
  expect(nearest('gradient-descent', ['sgd', 'adamw'])).toBeNull();
});

test('competitors carry their fixed values, and wrong ones are usage errors', () => {
  expect(competitorsOf(['sgd[momentum=0.9,nesterov=true]'])).toEqual([
    { label: 'sgd[momentum=0.9,nesterov=true]', optimizer: 'sgd', fixed: { momentum: 0.9, nesterov: true } },
  ]);
  for (const wrong of ['sgd[momentum]', 'sgd[', 'sgd[speed=3]', 'sam(', 'nothing']) {
    expect(() => competitorsOf([wrong])).toThrow(UsageError);
  }
});
