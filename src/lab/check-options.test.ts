import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { checkKind, optionsOf } from './check-options.ts';

const schema = z.strictObject({
  eta: z.int().min(2).max(9).default(3),
  share: z.number().gt(0).lt(1).default(0.5),
  mode: z.enum(['fast', 'slow']).default('fast'),
  names: z.array(z.string()).min(1).default(['a']),
  flag: z.boolean().default(false),
});

test('fills in what is not given', () => {
  expect(optionsOf('options', schema, { eta: 4 })).toEqual({
    eta: 4,
    share: 0.5,
    mode: 'fast',
    names: ['a'],
    flag: false,
  });
});

test.each([
  [{ eta: 1 }, 'options.eta is 1; it must be at least 2'],
  [{ eta: 10 }, 'options.eta is 10; it must be at most 9'],
  [{ eta: 2.5 }, 'options.eta is 2.5; it must be a whole number'],
  [{ eta: '3' }, "options.eta is '3'; it must be a finite number"],
  [{ eta: Number.NaN }, 'options.eta is NaN; it must be a finite number'],
  [{ share: 0 }, 'options.share is 0; it must be more than 0'],
  [{ share: 1 }, 'options.share is 1; it must be less than 1'],
  [{ mode: 'quick' }, "options.mode is 'quick'; it must be 'fast' or 'slow'"],
  [{ names: [] }, 'options.names is []; its length must be at least 1'],
  [{ names: ['a', 3] }, 'options.names[1] is 3; it must be a text'],
  [{ flag: 'yes' }, "options.flag is 'yes'; it must be true or false"],
  [{ etta: 3 }, "options: there is no option 'etta'; did you mean 'eta'?"],
  [{ eta: 1, share: 2 }, 'options.eta is 1; it must be at least 2\noptions.share is 2; it must be less than 1'],
  [[], 'options is []; it must be an object'],
])('%j is refused by name, value and what is legal', (given, message) => {
  expect(() => optionsOf('options', schema, given)).toThrow(message);
});

describe('checkKind', () => {
  const known = [
    { kind: 'one', options: schema },
    { kind: 'other', options: z.strictObject({}) },
  ];
  const check = (given: unknown) => checkKind('thing', known, given);

  test('a name, options beside the kind, and a plan are the same', () => {
    const plan = check({ kind: 'one', eta: 5 });
    expect(plan).toMatchObject({ value: { kind: 'one', options: { eta: 5, share: 0.5 } } });
    expect(check({ kind: 'one', options: { eta: 5 } })).toEqual(plan);
    expect(check('other')).toEqual({ value: { kind: 'other', options: {} } });
  });

  test.each([
    ['onne', ": there is no thing 'onne'; did you mean 'one'?"],
    [{ eta: 3 }, 'is {"eta":3}; it must be the name of a thing, or { kind, ...options }'],
    [null, 'is null; it must be the name of a thing, or { kind, ...options }'],
    [7, 'is 7; it must be the name of a thing, or { kind, ...options }'],
  ])('%j is refused', (given, message) => {
    expect(check(given)).toEqual({ issues: [{ path: [], message }] });
  });
});
