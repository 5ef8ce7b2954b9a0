import { describe, expect, it } from 'vitest';
import { constant, parameter, randomNormal } from '../../tensor/index.ts';
import { EngineError } from '../engine.ts';
import { evaluate, referenceEngine } from './index.ts';

describe('evaluate', () => {
  it('computes several outputs from given leaves', () => {
    const x = parameter('x', [2]);
    const [square, sum] = evaluate([x.square(), x.sum()], new Map([[x, [3, 4]]]));
    expect([...square.data]).toEqual([9, 16]);
    expect(sum).toEqual({ shape: [], dtype: 'float32', data: Float64Array.of(7) });
  });

  it('needs no values for constants, and takes values for any node', () => {
    expect([...evaluate([constant([1, 2]).add(1)])[0].data]).toEqual([2, 3]);
    const noise = randomNormal([2], 'noise');
    const hidden = parameter('x', [2]).exp();
    const values = new Map([[noise, [1, 2]], [hidden, [10, 20]]]); // biome-ignore format: one line
    expect([...evaluate([hidden.add(noise)], values)[0].data]).toEqual([11, 22]);
  });

  it('names a leaf without a value, and refuses the wrong number of values', () => {
    const x = parameter('weights', [2]);
    expect(() => evaluate([x.exp()])).toThrow("parameter 'weights'");
    expect(() => evaluate([randomNormal([2], 'noise')])).toThrow("random leaf 'noise'");
    expect(() => evaluate([x], new Map([[x, [1, 2, 3]]]))).toThrow('3 numbers do not fill');
  });
});

describe('the reference engine', () => {
  it('compiles a graph once', async () => {
    const x = parameter('x', [2]);
    const graph = { inputs: [x], outputs: [x.exp()] };
    expect(await referenceEngine.compile(graph)).toBe(await referenceEngine.compile(graph));
  });

  it('refuses buffers that do not fit, saying which', async () => {
    const x = parameter('x', [2]);
    const executable = await referenceEngine.compile({ inputs: [x], outputs: [x.exp()] });
    const right = referenceEngine.allocate([2], 'float32');
    const wrong = referenceEngine.allocate([3], 'float32');
    expect(() => executable.bind([wrong], [right])).toThrow(EngineError);
    expect(() => executable.bind([wrong], [right])).toThrow('input 0 is parameter: float32[2], not float32[3]');
    expect(() => executable.bind([right], [])).toThrow('the graph has 1 outputs, not 0');
  });
});
