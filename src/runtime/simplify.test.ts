import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpName } from '../tensor/attrs.ts';
import { topological } from '../tensor/graph.ts';
import { concat, constant, full, maxPool, parameter, scalar, where, zeros } from '../tensor/index.ts';
import { apply, type Tensor } from '../tensor/tensor.ts';
import { gradients } from '../tensor/transforms.ts';
import { caseInputs, opCases } from '../testing/op-cases.ts';
import { evaluate } from './reference/index.ts';
import { simplify } from './simplify.ts';

/** The ops that remain, leaves left out. */
function opsOf(inputs: Tensor<'parameter'>[], ...outputs: Tensor[]): OpName[] {
  const simple = simplify({ inputs, outputs });
  const nodes = topological(simple.outputs).filter((node) => node.inputs.length > 0);
  return nodes.map((node) => node.op);
}

const x = parameter('x', [2, 3]);
const v = parameter('v', [3]);

describe('simplify', () => {
  for (const [op, cases] of Object.entries(opCases)) {
    it(`keeps the value of ${op}`, () => {
      for (const one of cases) {
        const inputs = one.inputs.map(({ shape, dtype }, i) => parameter(`${i}`, shape, dtype));
        const output = one.build(...inputs);
        const [simple] = simplify({ inputs, outputs: [output] }).outputs;
        expect([simple.shape, simple.dtype]).toEqual([output.shape, output.dtype]);
        const numbers = caseInputs(one, 7);
        const values = new Map<Tensor, number[]>(inputs.map((input, i) => [input, numbers[i]]));
        const [[wanted], [found]] = [evaluate([output], values), evaluate([simple], values)];
        for (const [i, number] of wanted.data.entries()) expect(found.data[i]).toBeCloseTo(number, 10);
      }
    });
  }

  it('asks the maxima of a pool, and sums what is scattered to an image before', () => {
    const image = parameter('image', [2, 3, 4, 6]);
    const y = image.relu();
    const [dx] = gradients(maxPool(y, 2).square().sum(), [image]);
    const shapes = (op: OpName): string[] =>
      topological(simplify({ inputs: [image], outputs: [dx, dx.sum([0, 2, 3])] }).outputs)
        .filter((node) => node.op === op)
        .map(({ inputs: [first] }) => `${first.shape}`);
    expect(shapes('gt')).toEqual(['2,3,2,3']);
    expect(shapes('where')).toEqual(['2,3,2,3']);
    expect(shapes('sum')).toEqual(['2,3,2,3']);
    // All below 0, then all above, then both; with ties.
    for (const offset of [-9, 9, 0]) {
      const values = new Map([[image, Array.from({ length: image.size }, (_, i) => ((i * 7) % 5) - 2 + offset)]]);
      const [wanted] = evaluate([dx], values);
      const [found] = evaluate(simplify({ inputs: [image], outputs: [dx] }).outputs, values);
      expect(found.data).toEqual(wanted.data);
    }
    // Another limit is asked for of other numbers, and what else is there than 0 stays.
    const scattered = apply('maxPoolScatter', [y, maxPool(y, 2)], {
      window: [2, 2],
      stride: [2, 2],
      padding: [
        [0, 0],
        [0, 0],
      ],
    });
    expect(opsOf([image], where(image.gt(0), scattered, 0)).at(-1)).toBe('where');
    expect(opsOf([image], where(y.gt(0), scattered, 1)).at(-1)).toBe('where');
    expect(opsOf([image], where(y.le(1), scattered, 0)).at(-1)).toBe('maxPoolScatter');
  });

  it('drops identities', () => {
    expect(opsOf([x], x.stopGradient().mul(1).add(0).sub(0).div(1).pow(1))).toEqual([]);
    expect(opsOf([x], apply('identity', [x], {}).neg().neg())).toEqual([]);
    expect(opsOf([x], x.mul(full([2, 3], 1)))).toEqual([]);
  });

  it('joins parts that lie apart instead of summing them padded', () => {
    const flat = parameter('flat', [10]);
    const cut = (from: number, to: number) =>
      flat
        .slice([from], [to])
        .exp()
        .pad([from], [10 - to]);
    const joined = (...parts: Tensor[]) =>
      opsOf(
        [flat],
        parts.reduce((sum, part) => sum.add(part)),
      ).filter((op) => op !== 'slice');
    expect(joined(cut(0, 4), cut(4, 7), cut(7, 10))).toEqual(['exp', 'exp', 'exp', 'concat']);
    // In any order, with gaps, in halves of halves; parts that overlap are summed.
    expect(joined(cut(7, 9), cut(1, 4))).not.toContain('add');
    const halves = cut(0, 2)
      .add(cut(2, 5))
      .add(cut(5, 6).add(cut(6, 10)));
    expect(opsOf([flat], halves)).not.toContain('add');
    expect(joined(cut(0, 5), cut(4, 10))).toContain('add');

    const graph = { inputs: [flat], outputs: [cut(7, 9).add(cut(1, 4)), halves] };
    const values = new Map<Tensor, number[]>([[flat, Array.from({ length: 10 }, (_, i) => i / 10)]]);
    const [wanted, found] = [evaluate(graph.outputs, values), evaluate(simplify(graph).outputs, values)];
    expect(found.map(({ data }) => [...data])).toEqual(wanted.map(({ data }) => [...data]));
  });

  it('sums before signs and common factors, so that one sum serves several', () => {
    const column = parameter('column', [2, 1]);
    expect(opsOf([x], x.sum(0), x.neg().sum(0))).toEqual(['sum', 'neg']);
    expect(opsOf([x, column], x.sum(1), x.mul(column).sum(1))).toEqual(['sum', 'reshape', 'mul']);
    expect(opsOf([x, column], x.mul(column).sum(0))).toEqual(['mul', 'sum']);
    expect(opsOf([x, column], column.mul(x).sum(1, { keepDims: true }))).toEqual(['sum', 'mul']);
    // A sum over more axes than the terms have counts them several times.
    expect(opsOf([v, column], v.mul(column).sum(1))).toEqual(['mul', 'sum']);
  });

  it('doubles the smaller factor', () => {
    const product = x.mul(v);
    const [double] = simplify({ inputs: [x, v], outputs: [product.add(product)] }).outputs;
    expect(double.inputs.map(({ shape }) => shape)).toEqual([[2, 3], [3]]);
    expect(opsOf([x], x.mul(x).add(x.mul(x)))).toEqual(['mul', 'add']);
  });

  it('keeps what could be NaN', () => {
    expect(opsOf([x], x.mul(0))).toEqual(['mul']);
    expect(opsOf([x], x.sub(x))).toEqual(['sub']);
    expect(opsOf([x], x.div(x))).toEqual(['div']);
  });

  it('computes equal nodes once', () => {
    expect(opsOf([x], x.exp().add(1), x.exp().add(1).neg())).toEqual(['exp', 'add', 'neg']);
  });

  it('folds arithmetic of known numbers', () => {
    expect(
      opsOf(
        [x],
        x.mul(
          scalar(2)
            .mul(3)
            .add(scalar(1).broadcastTo([2, 3])),
        ),
      ),
    ).toEqual(['mul']);
    const [output] = simplify({ inputs: [], outputs: [scalar(0.5, 'float64').cast('float32').mul(4)] }).outputs;
    expect(output.is('constant') && output.attrs.values).toEqual([2]);
  });

  it('does not fold integers that would wrap', () => {
    expect(opsOf([], scalar(200, 'uint8').add(scalar(100, 'uint8')))).toEqual(['add']);
  });

  it('divides by powers of two as a product, and by nothing else', () => {
    expect(opsOf([x], x.div(8))).toEqual(['mul']);
    expect(opsOf([x], x.div(3))).toEqual(['div']);
    expect(opsOf([x], x.div(0))).toEqual(['div']);
  });

  it('leaves broadcasting to the op that broadcasts', () => {
    expect(opsOf([x, v], x.add(v.broadcastTo([2, 3])))).toEqual(['add']);
    expect(opsOf([x, v], x.add(v.reshape([1, 3])))).toEqual(['add']);
    expect(opsOf([v], v.broadcastTo([2, 3]).mul(2))).toEqual(['broadcastTo', 'mul']);
    expect(opsOf([x, v], where(x.gt(0), v.broadcastTo([2, 3]), zeros([2, 3])))).toEqual(['gt', 'where']);
  });

  it('joins movement', () => {
    expect(opsOf([x], x.transpose().transpose())).toEqual([]);
    expect(opsOf([x], x.reshape([6]).reshape([3, 2]))).toEqual(['reshape']);
    expect(opsOf([x], x.reshape([6]).reshape([2, 3]))).toEqual([]);
    expect(opsOf([v], v.reshape([1, 3]).transpose())).toEqual(['reshape']);
    expect(opsOf([x], x.slice([0, 1]).slice([1, 1]))).toEqual(['slice']);
    expect(opsOf([x, v], concat([x.reshape([6]), v]).slice([6], [9]))).toEqual([]);
    expect(opsOf([x, v], concat([x.reshape([6]), v]).slice([5], [9]))).toEqual(['reshape', 'concat', 'slice']);
    const [top, bottom] = [x.slice([0, 0], [1, 3]), x.slice([1, 0], [2, 3])];
    expect(opsOf([x], concat([top, bottom]))).toEqual([]);
    expect(opsOf([x], concat([bottom, top]))).toEqual(['slice', 'slice', 'concat']);
    expect(opsOf([v], concat([v.slice([0], [1]), v.slice([1], [2])]))).toEqual(['slice']);
    expect(opsOf([x, v], concat([v.slice([1], [2]), v.slice([2], [3]), x.reshape([6])]))).toEqual([
      'reshape',
      'slice',
      'concat',
    ]);
  });

  it('makes flags of transposes before a product', () => {
    const square = parameter('square', [3, 3]);
    const simple = simplify({
      inputs: [x, square],
      outputs: [x.transpose().matmul(square.transpose(), { transposeA: true })],
    });
    const [product] = simple.outputs;
    expect(opsOf([x, square], product)).toEqual(['matmul']);
    expect(product.attrs).toEqual({ transposeA: false, transposeB: true });
  });

  it('multiplies a batch by one matrix at once, and columns by rows element by element', () => {
    const [batch, matrix] = [parameter('batch', [4, 2, 3]), parameter('matrix', [5, 3])];
    const [columns, rows] = [parameter('columns', [4, 1, 2]), parameter('rows', [4, 1, 3])];
    expect(opsOf([batch, matrix], batch.matmul(matrix, { transposeB: true }))).toEqual([
      'reshape',
      'matmul',
      'reshape',
    ]);
    expect(opsOf([columns, rows], columns.matmul(rows, { transposeA: true }))).toEqual(['reshape', 'mul']);
  });

  it('takes one product for the gradient of the hidden weights of all steps', () => {
    const [inputs, weight] = [parameter('inputs', [6, 2, 8]), parameter('weight', [8, 2])];
    const [gradient] = gradients(apply('lstm', [inputs, weight], {}).sum(), [weight]);
    const products = opsOf([inputs, weight], gradient).filter((op) => op === 'matmul');
    expect(products).toHaveLength(5 + 5 + 1); // forward, back to the state before, the gradient
  });

  it('multiplies the rows of a small table before they are read, and sums over equal indices before products', () => {
    const [table, weight] = [parameter('table', [5, 3]), parameter('weight', [4, 3])];
    const tokens = parameter('tokens', [4, 6], 'int32');
    const inputs = [table, weight, tokens];
    const read = (indices: Tensor): Tensor =>
      table.gather(indices, 0).transpose([1, 0, 2]).reshape([24, 3]).matmul(weight, { transposeB: true });
    const y = read(tokens);
    expect(opsOf(inputs, y)).toEqual(['transpose', 'reshape', 'matmul', 'gather']);
    const bias = parameter('bias', [4]);
    expect(opsOf([...inputs, bias], y.add(bias).exp()).slice(-2)).toEqual(['gather', 'exp']);
    const gradient = gradients(y.mul(parameter('dy', [24, 4])).sum(), [table, weight]);
    const ops = opsOf(inputs, ...gradient);
    expect(ops.filter((op) => op === 'scatterAdd' || op === 'gather')).toEqual(['scatterAdd']);
    const products = topological(simplify({ inputs, outputs: gradient }).outputs).filter(({ op }) => op === 'matmul');
    expect(products.map(({ inputs: [a] }) => a.shape)).toEqual([
      [5, 4],
      [5, 4],
    ]);
    // A large table is read first.
    const large = parameter('large', [13, 3]);
    const late = topological(
      simplify({ inputs: [large, weight, tokens], outputs: [large.gather(tokens, 0).matmul(weight.transpose())] })
        .outputs,
    );
    expect(late.find(({ op }) => op === 'matmul')?.inputs[0].op).toBe('gather');
  });

  it('keeps the values of products with rows of a table', () => {
    const [table, weight, dy] = [parameter('table', [5, 3]), parameter('weight', [3, 4]), parameter('dy', [24, 4])];
    const tokens = parameter('tokens', [4, 6], 'int32');
    const inputs = [table, weight, tokens, dy];
    const y = table.gather(tokens, 0).transpose([1, 0, 2]).reshape([24, 3]).matmul(weight);
    const outputs = [y.add(dy.sliceAxis(0, 2, 3).reshape([4])), ...gradients(y.mul(dy).sum(), [table, weight])];
    const values = new Map<Tensor, number[]>(
      inputs.map((input) => [
        input,
        Array.from({ length: input.size }, (_, i) => (input === tokens ? (i * i) % 5 : Math.sin(7 * i + input.size))),
      ]),
    );
    const [wanted, found] = [evaluate(outputs, values), evaluate(simplify({ inputs, outputs }).outputs, values)];
    wanted.forEach(({ data }, k) => {
      for (const [i, number] of data.entries()) expect(found[k].data[i]).toBeCloseTo(number, 10);
    });
  });

  it('sums copies by a product', () => {
    expect(opsOf([v], v.broadcastTo([4, 3]).sum(0))).toEqual(['mul']);
    expect(opsOf([v], v.broadcastTo([4, 3]).sum(1))).toEqual(['reshape', 'sum', 'broadcastTo']);
  });

  it('removes casts that lose nothing, and no other', () => {
    const n = parameter('n', [3], 'int32');
    expect(opsOf([n], n.cast('float64').cast('int32'))).toEqual([]);
    expect(opsOf([n], n.cast('float32').cast('float64'))).toEqual(['cast', 'cast']);
    expect(opsOf([v], v.cast('int32').cast('float32'))).toEqual(['cast', 'cast']);
  });

  it('answers empty tensors and sums over nothing without computing', () => {
    const none = parameter('none', [0, 3]);
    expect(opsOf([none], none.exp(), none.sum(0), none.matmul(x, { transposeB: true }))).toEqual(['broadcastTo']);
    expect(opsOf([none, x], concat([none, x]))).toEqual([]);
    expect(opsOf([none], none.transpose().matmul(none))).toEqual(['broadcastTo']);
  });

  it('keeps inputs and outputs in place', () => {
    const graph = simplify({ inputs: [v, x], outputs: [x, x.mul(1), v.add(1)] });
    expect(graph.inputs).toEqual([v, x]);
    expect(graph.outputs.slice(0, 2)).toEqual([x, x]);
  });

  it('keeps the values of random programs', () => {
    const steps: ((a: Tensor, b: Tensor) => Tensor)[] = [
      (a, b) => a.add(b),
      (a, b) => a.sub(b.neg()),
      (a, b) => a.mul(b),
      (a) => a.neg(),
      (a) => a.mul(-1),
      (a) => a.add(0),
      (a) => a.div(4),
      (a) => a.pow(2),
      (a) => a.transpose(),
      (a, b) => a.matmul(b.transpose()),
      (a, b) => where(a.gt(b).not(), a, 0),
      (a) => a.sum(0).broadcastTo([3, 3]),
      (a) => a.sum(1, { keepDims: true }).broadcastTo([3, 3]),
      (a) => a.reshape([9]).slice([2], [8]).pad([2], [1]).reshape([3, 3]),
      (a, b) => concat([a, b]).slice([3, 0], [6, 3]),
      (a) => a.flip(1).flip([0, 1]),
      () => full([3, 3], 2),
      () => constant([[1, 1, 1]]).broadcastTo([3, 3]),
      (a) => a.reshape([1, 3, 3]).broadcastTo([2, 3, 3]).sum(0),
      (a) => a.max(0, { keepDims: true }).maximum(a),
    ];
    const instruction = fc.tuple(fc.nat(steps.length - 1), fc.nat(), fc.nat());
    fc.assert(
      fc.property(fc.array(instruction, { minLength: 1, maxLength: 12 }), (program) => {
        const inputs = [parameter('a', [3, 3]), parameter('b', [3, 3])];
        const made: Tensor[] = [...inputs];
        for (const [step, i, j] of program) made.push(steps[step](made[i % made.length], made[j % made.length]));
        const outputs = made.slice(-2);
        const simple = simplify({ inputs, outputs });
        const values = new Map<Tensor, number[]>([
          [inputs[0], [0.5, -1, 2, 0, 1.5, -0.25, 3, -2, 0.125]],
          [inputs[1], [-0.5, 1, 0, 2, -1.5, 0.75, -3, 0.1, 1]],
        ]);
        const [wanted, found] = [evaluate(outputs, values), evaluate(simple.outputs, values)];
        for (const [k, { data }] of wanted.entries()) {
          expect(simple.outputs[k].shape).toEqual(outputs[k].shape);
          for (const [i, number] of data.entries()) {
            const error = Math.abs(found[k].data[i] - number);
            expect(error <= 1e-9 * (1 + Math.abs(number)) || Object.is(found[k].data[i], number)).toBe(true);
          }
        }
        expect(topological(simple.outputs).length).toBeLessThanOrEqual(2 * topological(outputs).length);
      }),
      { numRuns: 300 },
    );
  });
});
