import { expect, test } from 'vitest';
import { isOutage, Patience } from './patience.ts';

const coded = (code: string, message = code) => Object.assign(new Error(message), { code });

test('what keeps one from the database is an outage, what the database answers is not', () => {
  const outages = [
    coded('ECONNREFUSED'),
    coded('ECONNRESET'),
    // A server that is down, by its socket.
    Object.assign(coded('ENOENT', 'connect ENOENT /run/.s.PGSQL.5432'), { syscall: 'connect' }),
    coded('57P01', 'terminating connection due to administrator command'),
    coded('08006'),
    new Error('Connection terminated unexpectedly'),
    new Error('Query read timeout'),
    new Error('timeout exceeded when trying to connect'),
    new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]),
    new Error('the lab cannot be read', { cause: coded('ECONNRESET') }),
  ];
  const answers = [
    coded('28P01', 'password authentication failed'),
    coded('42P01', 'relation does not exist'),
    Object.assign(coded('ENOENT', 'open ca.pem'), { syscall: 'open' }),
    coded('23505', 'duplicate key; Connection terminated is what the value says'),
    new Error('there is no such race'),
    new AggregateError([coded('ECONNREFUSED'), coded('28P01')]),
    'ECONNREFUSED',
  ];
  expect(outages.map(isOutage)).toEqual(outages.map(() => true));
  expect(answers.map(isOutage)).toEqual(answers.map(() => false));
});

test('an outage is waited for, and told of once when it begins and once when it ends', async () => {
  const said: string[] = [];
  const patience = new Patience((text) => said.push(text), new AbortController().signal);
  let failures = 2;
  const ask = async () => {
    if (failures-- > 0) throw coded('ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.7:5432');
    return 'answer';
  };
  expect(patience.secondsSinceOutage).toBe(Number.POSITIVE_INFINITY);
  // The second question comes while the first one waits.
  expect(await Promise.all([patience.try(ask), patience.try(async () => 'another')])).toEqual(['answer', 'another']);
  expect(said.slice(0, 1)).toEqual(['the database cannot be reached (connect ECONNREFUSED 10.0.0.7:5432); trying on']);
  expect(said.at(-1)).toMatch(/^the database can be reached again, after \d+\.\d s$/);
  expect(patience.secondsSinceOutage).toBeLessThan(30);
});

test('what the database refuses is not asked again', async () => {
  const patience = new Patience(() => {}, new AbortController().signal);
  let asked = 0;
  const refused = patience.try(async () => {
    asked++;
    throw coded('42501', 'permission denied');
  });
  await expect(refused).rejects.toThrow('permission denied');
  expect(asked).toBe(1);
});

test('a question that waits fails with its own error when waiting is given up', async () => {
  const stop = new AbortController();
  const patience = new Patience(() => stop.abort(), stop.signal);
  await expect(patience.try(() => Promise.reject(coded('EPIPE', 'write EPIPE')))).rejects.toThrow('write EPIPE');
});
