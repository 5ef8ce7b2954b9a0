import { describe, expect, it } from 'vitest';
import { evaluate } from '../runtime/reference/index.ts';
import { parameter } from './functions.ts';
import { topological } from './graph.ts';
import { dropout, RandomStreams, randomUniform } from './random.ts';
import type { Tensor } from './tensor.ts';

describe('random streams', () => {
  it('are numbered in the order of the calls, alike for each trace', () => {
    const draw = () => {
      const streams = new RandomStreams('model');
      return [streams.uniform([2]), streams.normal([3], 'float64'), streams.rademacher([])];
    };
    const [first, second] = [draw(), draw()];
    expect(first.map(({ attrs }) => attrs)).toEqual(second.map(({ attrs }) => attrs));
    expect(first.map(({ attrs }) => attrs)).toEqual([
      { distribution: 'uniform', stream: 'model/0', shape: [2], dtype: 'float32' },
      { distribution: 'normal', stream: 'model/1', shape: [3], dtype: 'float64' },
      { distribution: 'rademacher', stream: 'model/2', shape: [], dtype: 'float32' },
    ]);
    expect(randomUniform([2], 'model/0').attrs).toEqual(first[0].attrs);
  });
});

describe('dropout', () => {
  const x = parameter('x', [4]);
  it('zeroes what falls below the rate and scales the rest', () => {
    const out = dropout(x, 0.5, new RandomStreams('d'));
    const noise = topological([out]).filter((node) => node.is('random'))[0];
    expect(noise.attrs.stream).toBe('d/0');
    const feeds = new Map<Tensor, number[]>();
    feeds.set(x, [1, 2, 3, 4]).set(noise, [0.1, 0.5, 0.49, 0.9]);
    const [{ data }] = evaluate([out], feeds);
    expect([...data]).toEqual([0, 4, 0, 8]);
  });
  it('is the identity at rate 0 and refuses rates outside [0, 1)', () => {
    expect(dropout(x, 0, new RandomStreams('d'))).toBe(x);
    for (const rate of [-0.1, 1, Number.NaN]) {
      expect(() => dropout(x, rate, new RandomStreams('d'))).toThrow(`dropout: rate is ${rate}; it must lie in [0, 1)`);
    }
  });
});
