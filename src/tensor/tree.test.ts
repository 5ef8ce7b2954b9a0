import { describe, expect, it } from 'vitest';
import { Bundle, Layout } from './bundle.ts';
import { parameter } from './functions.ts';
import type { Tensor } from './tensor.ts';
import { trace } from './trace.ts';
import { flatten, leavesLike, mapTree, unflatten } from './tree.ts';

const [x, y, z] = ['x', 'y', 'z'].map((name) => parameter(name, [2]));
const layout = new Layout([{ name: 'a', shape: [2], role: 'other' }]);

describe('trees', () => {
  it('flatten to leaves and their places', () => {
    const { leaves, paths } = flatten({ a: { b: [x, y] }, c: z });
    expect(leaves).toEqual([x, y, z]);
    expect(paths).toEqual(['a.b.0', 'a.b.1', 'c']);
    expect(flatten(x)).toEqual({ leaves: [x], paths: [''] });
    expect(flatten({ none: [], nothing: {} })).toEqual({ leaves: [], paths: [] });
  });

  it('come back from their leaves', () => {
    const tree = { a: { b: [x, y] }, c: z, none: [] };
    expect(unflatten(tree, flatten(tree).leaves)).toEqual(tree);
    expect(unflatten(tree, [z, y, x])).toEqual({ a: { b: [z, y] }, c: x, none: [] });
    expect(() => unflatten(tree, [x, y])).toThrow('2 tensors do not fill a tree of 3');
    expect(mapTree([x, { y }], (leaf: Tensor, path) => (path === '0' ? leaf : z))).toEqual([x, { y: z }]);
  });

  it('hold bundles, each one flat leaf at its own place', () => {
    const state = { m: Bundle.fromFlat(layout, x), t: y };
    expect(flatten(state)).toEqual({ leaves: [x, y], paths: ['m', 't'] });
    const other = unflatten(state, [z, y]);
    expect(other.m).toBeInstanceOf(Bundle);
    expect(other.m.flat).toBe(z);
  });

  it('match by name, whatever the order of their keys', () => {
    expect(leavesLike('test', { a: x, b: y }, { b: z, a: y })).toEqual([y, z]);
    expect(() => leavesLike('test', { a: x, b: y }, { a: x, c: y })).toThrow("test: a tree lacks 'b'; it has [a, c]");
    expect(() => leavesLike('test', { a: x }, { a: parameter('w', [3]) })).toThrow("at 'a' does not fit float32[2]");
  });

  it('refuse what is no tensor, and say where it lies', () => {
    expect(() => flatten({ a: [x, 1] })).toThrow("tree: 'a.1' is 1; a tree holds only tensors");
    expect(() => flatten({ a: undefined })).toThrow("'a' is undefined");
    expect(() => flatten({ a: new Map() })).toThrow("'a' is Map");
    expect(() => flatten(null)).toThrow('the value is null');
  });
});

describe('trace', () => {
  it('names inputs by their place, and keeps the form of the output', () => {
    const specs = { params: [{ shape: [3, 2] }, { shape: [3] }], x: { shape: [2], name: 'data' } } as const;
    const { graph, output } = trace(
      ({ params: [w, b], x }) => ({
        y: w
          .matmul(x.reshape([2, 1]))
          .reshape([3])
          .add(b),
      }),
      specs,
    );
    expect(graph.inputs.map(({ attrs }) => attrs.name)).toEqual(['params.0', 'params.1', 'data']);
    expect(graph.outputs).toEqual([output.y]);
  });

  it('takes tensors and bundles as specs of their own form', () => {
    const w = Bundle.fromFlat(layout, parameter('w', [2], 'float64'));
    const { graph } = trace(({ w, t }) => w.mul(t), { w, t: { shape: [], dtype: 'float64' } });
    expect(graph.inputs.map(({ attrs }) => [attrs.name, attrs.shape, attrs.dtype])).toEqual([
      ['w', [2], 'float64'],
      ['t', [], 'float64'],
    ]);
  });

  it('refuses a result that depends on something else', () => {
    expect(() => trace((a) => a.add(x), { shape: [2] })).toThrow(
      "the result depends on 'x', which is not among the inputs",
    );
  });
});
