import { describe, expect, test } from 'vitest';
import { getOptimizer, methods, schedules, wrappers } from '../registry.ts';
import type { About } from './about.ts';
import * as abouts from './index.ts';

const byId: Readonly<Record<string, About>> = abouts;
const everything = [...methods, ...wrappers, ...schedules];
const ids = everything.map(({ id }) => id);

/** `theirs: true, lr: lr p` as names and values; what is no literal stands as undefined. */
function settings(option: string): Record<string, unknown> {
  const literal = (text: string): unknown => {
    if (text.startsWith("'")) return text.slice(1, -1);
    if (text === 'true' || text === 'false') return text === 'true';
    return Number.isNaN(Number(text)) ? undefined : Number(text);
  };
  const pairs = [...option.matchAll(/(\w+): ('[^']*'|[^,]+)/g)];
  return Object.fromEntries(pairs.map(([, name, text]) => [name, literal(text)]));
}

test.each(ids)('%s has a page', (id) => {
  expect(byId[id], `src/optim/about/${id}.ts and its line in index.ts`).toBeDefined();
});

describe.each(Object.entries(byId))('the page of %s', (id, { equations, use, relatives, disagreements = [] }) => {
  test('is of something that there is', () => {
    expect(ids).toContain(id);
  });

  test('says something', () => {
    expect(equations.length).toBeGreaterThan(0);
    expect(use.length).toBeGreaterThan(20);
  });

  test('names relatives that there are, and not itself', () => {
    expect(Object.keys(relatives).filter((relative) => relative === id || !ids.includes(relative))).toEqual([]);
  });

  test('says of every disagreement who, what, and what is done here', () => {
    for (const { who, what, ours } of disagreements) {
      for (const text of [who, what, ours]) expect(text.trim().length).toBeGreaterThan(2);
    }
  });

  test('gives settings of others that are names and values of ours', () => {
    const { hyper = {} } = everything.find((one) => one.id === id) ?? {};
    for (const { option = '' } of disagreements) {
      if (!/^\w+: /.test(option)) continue;
      for (const one of option.split(' or ')) {
        const values = Object.entries(settings(one));
        expect(Object.keys(hyper)).toEqual(expect.arrayContaining(values.map(([name]) => name)));
        const literals = Object.fromEntries(values.filter(([, value]) => value !== undefined));
        expect(() =>
          getOptimizer(methods.some((method) => method.id === id) ? id : `${id}(sgd)`, literals),
        ).not.toThrow();
      }
    }
  });
});
