import { describe, expect, it } from 'vitest';
import { conv2d, crossEntropy, layerNorm, maxPool, parameter } from '../../tensor/index.ts';
import { apply, type Tensor } from '../../tensor/tensor.ts';
import { gradients } from '../../tensor/transforms.ts';
import { simplify } from '../simplify.ts';
import { lower } from './lower.ts';

const program = (inputs: Tensor<'parameter'>[], ...outputs: Tensor[]) => lower(simplify({ inputs, outputs }));
const nodesOf = (inputs: Tensor<'parameter'>[], ...outputs: Tensor[]): string[] =>
  program(inputs, ...outputs).model.nodes.map((node) => node.op);

const x = parameter('x', [4, 3]);
const w = parameter('w', [3, 5]);
const b = parameter('b', [5]);

describe('lowering', () => {
  it('computes a layer with one Gemm', () => {
    expect(nodesOf([x, w, b], x.matmul(w).add(b))).toEqual(['Gemm']);
    expect(nodesOf([x, w, b], b.add(x.matmul(w)).relu())).toEqual(['Gemm', 'Relu']);
  });

  it('leaves constant factors of a product, and of what is added, to its Gemm', () => {
    const c = parameter('c', [4, 5]);
    const product = x.matmul(w);
    const factors = (sum: Tensor): unknown => {
      const { nodes } = program([x, w, c], sum).model;
      return nodes.map(({ op, attributes: { alpha, beta } }) => [op, alpha, beta]);
    };
    const gemm = (alpha: number, beta: number) => [['Gemm', { float: alpha }, { float: beta }]];
    expect(factors(product.mul(2).add(c.mul(-3)))).toEqual(gemm(2, -3));
    expect(factors(c.add(product.mul(0.5)))).toEqual(gemm(0.5, 1));
    expect(factors(c.mul(4).add(product))).toEqual(gemm(1, 4));
    const twice = c.mul(4);
    expect(nodesOf([x, w, c], product.add(twice), twice)).toEqual(['Mul', 'Gemm']);
    const exact = [
      parameter('x', [4, 3], 'float64'),
      parameter('w', [3, 5], 'float64'),
      parameter('c', [4, 5], 'float64'),
    ];
    const [left, right, added] = exact;
    // Gemm's factors are float32.
    expect(nodesOf(exact, left.matmul(right).mul(0.1).add(added))).toEqual(['Gemm', 'Mul', 'Add']);
  });

  it('keeps a product apart when something else uses it', () => {
    const product = x.matmul(w);
    expect(nodesOf([x, w, b], product, product.add(b))).toEqual(['Gemm', 'Add']);
    expect(nodesOf([x, w], product.add(product))).toEqual(['Gemm', 'Add']);
  });

  it('transposes nothing in the gradients of a two-layer network', () => {
    const [v, labels] = [parameter('v', [5, 2]), parameter('labels', [4], 'int32')];
    const loss = crossEntropy(x.matmul(w).add(b).relu().matmul(v), labels).mean();
    expect(nodesOf([x, w, b, v, labels], loss, ...gradients(loss, [w, b, v]))).not.toContain('Transpose');
  });

  it('takes the statistics of a layer norm, and means of rows, from one node each', () => {
    const [gain, bias] = [parameter('gain', [3]), parameter('bias', [3])];
    const y = layerNorm(x, gain, bias);
    const inverseStd = apply('inverseStd', [x], { epsilon: 1e-5 });
    expect(nodesOf([x, gain, bias], y, inverseStd)).toEqual(['LayerNormalization']);
    expect(nodesOf([x], inverseStd)).toEqual(['LayerNormalization']);
    expect(program([x, gain, bias], y).model.nodes[0].outputs).toHaveLength(1);
    expect(nodesOf([x], x.mean(-1))).toEqual(['ReduceMean']);
    expect(nodesOf([x], x.sum(-1), x.mean(-1))).toEqual(['ReduceSum', 'Div']);
  });

  it('turns a matrix once for many products of few rows', () => {
    const weight = parameter('weight', [5, 3]);
    const products = (n: number): Tensor[] =>
      Array.from({ length: n }, (_, i) => x.add(i + 1).matmul(weight, { transposeB: true }));
    const transposes = (n: number): number =>
      nodesOf([x, weight], ...products(n)).filter((op) => op === 'Transpose').length;
    expect(transposes(3)).toBe(0);
    expect(transposes(4)).toBe(1);
  });

  it('convolves in blocks of channels, which it makes once, where ONNX Runtime has them', () => {
    const image = parameter('image', [16, 16, 5, 5]);
    const [kernel, other] = [parameter('kernel', [16, 16, 3, 3]), parameter('other', [32, 16, 3, 3])];
    const [y, z] = [conv2d(image, kernel), conv2d(image, other)];
    const nodes = (block: number | null, ...outputs: Tensor[]): string[] => {
      const graph = simplify({ inputs: [image, kernel, other], outputs });
      const { model } = lower(graph, block);
      return model.nodes.map(({ op, domain }) => (domain === 'com.microsoft.nchwc' ? `blocked ${op}` : op));
    };
    const count = (ops: readonly string[], op: string): number => ops.filter((name) => name === op).length;
    expect(nodes(null, y, z)).toEqual(['Conv', 'Conv']);
    expect(nodes(32, y)).toEqual(['Conv']);
    expect(count(nodes(16, y, z), 'blocked Conv')).toBe(2);
    expect(count(nodes(16, y, z), 'blocked ReorderInput')).toBe(1);
    const backward = nodes(16, ...gradients(y.sum(), [image, kernel]));
    expect(count(backward, 'blocked Conv')).toBe(2);
    expect(backward).not.toContain('ConvTranspose');
    expect(backward).not.toContain('FusedMatMul');
  });

  it('adds a bias for each channel along with a convolution, in blocks or not', () => {
    const images = parameter('images', [2, 16, 5, 5]);
    const kernel = parameter('kernel', [16, 16, 3, 3]);
    const bias = parameter('bias', [16, 1, 1]);
    const image = parameter('other', [16, 5, 5]);
    const y = conv2d(images, kernel, { padding: 1 });
    const convs = (block: number | null, output: Tensor): number[] =>
      lower(simplify({ inputs: [images, kernel, bias, image], outputs: [output] }), block)
        .model.nodes.filter(({ op }) => op === 'Conv' || op === 'Add')
        .map(({ inputs }) => inputs.length);
    expect(convs(null, y.add(bias))).toEqual([3]);
    expect(convs(16, bias.add(y))).toEqual([3]);
    // What is no number for each channel is added afterwards.
    expect(convs(null, y.add(image))).toEqual([2, 2]);
  });

  it('leaves a reshape at the end to the buffer, and inputs that nothing reads to nobody', () => {
    const { model, inputs } = program([w, x], x.exp().reshape([12]));
    expect(model.nodes.map((node) => node.op)).toEqual(['Exp']);
    expect(inputs.map((input) => input.position)).toEqual([1]);
  });

  it('finds the maxima of a pool once for the pool and its derivative', () => {
    const images = parameter('images', [1, 1, 4, 4]);
    const y = maxPool(images, 2);
    const back = apply('maxPoolScatter', [images, y.exp()], {
      window: [2, 2],
      stride: [2, 2],
      padding: [
        [0, 0],
        [0, 0],
      ],
    });
    const { nodes } = program([images], y, back).model;
    expect(nodes.filter((node) => node.op === 'MaxPool').map((node) => node.outputs.length)).toEqual([2]);
    expect(program([images], y).model.nodes[0].outputs).toHaveLength(1);
  });
});
