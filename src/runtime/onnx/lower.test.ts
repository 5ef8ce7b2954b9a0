import { describe, expect, it } from 'vitest';
import { crossEntropy, maxPool, parameter } from '../../tensor/index.ts';
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
