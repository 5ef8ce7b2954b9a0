import { expect, test } from 'vitest';
import { getOptimizer } from '../optim/registry.ts';
import { nearest, UsageError } from './errors.ts';
import { asUsage, competitorsOf, protocolOf, tunerOf } from './names.ts';
import { byteCount, listOf, splitList } from './options.ts';

test('lists are split outside brackets only', () => {
  expect(splitList('adamw, sgd[momentum=0.9,nesterov=true],sam(sgd),')).toEqual([
    'adamw',
    'sgd[momentum=0.9,nesterov=true]',
    'sam(sgd)',
  ]);
  expect(listOf('sgd', ['adamw'])).toEqual(['adamw', 'sgd']);
});

test('amounts of memory are read in binary units', () => {
  expect(['800M', '1.5GiB', '2 g', '1024'].map(byteCount)).toEqual([800 * 2 ** 20, 1.5 * 2 ** 30, 2 ** 31, 1024]);
  for (const wrong of ['', 'M', '-1G', '0', '3 apples']) expect(() => byteCount(wrong)).toThrow('amount of memory');
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

test('an unbalanced bracket is named with its place, wherever a name is given', () => {
  const open = "'sam(sgd': the '(' at character 4 is never closed: sam→(sgd";
  expect(() => competitorsOf(splitList('sam(sgd'))).toThrow(new UsageError(open));
  expect(() => asUsage(() => getOptimizer('sam(sgd'))).toThrow(new UsageError(open));
  expect(() => competitorsOf(splitList('linear(sgd,adamw'))).toThrow("the '(' at character 7 is never closed");
  expect(() => competitorsOf(['sgd[momentum=0.9'])).toThrow("the '[' at character 4 is never closed");
  expect(() => tunerOf('hyperband[eta=4')).toThrow("the '[' at character 10 is never closed");
});

test('protocols and tuners take options in brackets, and unknown ones are usage errors', () => {
  expect(protocolOf('time-to-target[studies=2,integral=trapezoid]')).toEqual({
    kind: 'time-to-target',
    studies: 2,
    integral: 'trapezoid',
  });
  expect(tunerOf('hyperband')).toEqual({ kind: 'hyperband' });
  expect(() => protocolOf('hyperband')).toThrow(UsageError);
  expect(() => tunerOf('tpee')).toThrow("there is no tuner 'tpee'; did you mean 'tpe'?");
});
