import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../runtime/reference/index.ts';
import { testRandom } from '../testing/draw.ts';
import { einsum } from './einsum.ts';
import { parameter } from './functions.ts';
import { topological } from './graph.ts';
import { sizeOf, stridesOf } from './shape.ts';
import type { Tensor } from './tensor.ts';
import { grad } from './transforms.ts';

const sizes: Readonly<Record<string, number>> = { a: 2, b: 3, c: 1, d: 4, e: 2 };
const letters = Object.keys(sizes);
const shapeOf = (labels: readonly string[]): number[] => labels.map((label) => sizes[label]);

/** Loops over all letters. */
function naive(terms: readonly (readonly string[])[], output: readonly string[], data: readonly number[][]): number[] {
  const used = [...new Set(terms.flat())];
  const result = new Array<number>(sizeOf(shapeOf(output))).fill(0);
  const place = (labels: readonly string[], at: Readonly<Record<string, number>>): number => {
    const strides = stridesOf(shapeOf(labels));
    return labels.reduce((offset, label, axis) => offset + at[label] * strides[axis], 0);
  };
  const visit = (depth: number, at: Record<string, number>): void => {
    if (depth < used.length) {
      for (let i = 0; i < sizes[used[depth]]; i++) visit(depth + 1, { ...at, [used[depth]]: i });
      return;
    }
    result[place(output, at)] += terms.reduce((product, labels, i) => product * data[i][place(labels, at)], 1);
  };
  visit(0, {});
  return result;
}

function run(
  terms: readonly (readonly string[])[],
  equation: string,
): { found: Tensor; values: number[]; data: number[][] } {
  const random = testRandom(equation.length);
  const operands = terms.map((labels, i) => parameter(`x${i}`, shapeOf(labels), 'float64'));
  const data = operands.map(({ size }) => Array.from({ length: size }, () => 2 * random() - 1));
  const found = einsum(equation, ...operands);
  return { found, values: [...evaluate([found], new Map(operands.map((x, i) => [x, data[i]])))[0].data], data };
}

const term = fc.array(fc.constantFrom(...letters), { maxLength: 4 });
const cases = fc
  .array(term, { minLength: 1, maxLength: 4 })
  .chain((terms) => fc.record({ terms: fc.constant(terms), output: fc.shuffledSubarray([...new Set(terms.flat())]) }));

const ops = (equation: string, ...shapes: number[][]): string[] =>
  topological([einsum(equation, ...shapes.map((shape) => parameter('x', shape)))])
    .map(({ op }) => op)
    .filter((op) => op !== 'parameter' && op !== 'reshape');

describe('einsum', () => {
  it('is a sum of products over all index values, for any equation', () => {
    fc.assert(
      fc.property(cases, ({ terms, output }) => {
        const equation = `${terms.map((labels) => labels.join('')).join(',')}->${output.join('')}`;
        const { found, values, data } = run(terms, equation);
        expect(found.shape).toEqual(shapeOf(output));
        naive(terms, output, data).forEach((x, i) => void expect(values[i]).toBeCloseTo(x, 9));
      }),
      { numRuns: 400, seed: 1 },
    );
  });

  it("without '->' has the letters that occur once, in alphabetical order", () => {
    expect(
      run(
        [
          ['d', 'b'],
          ['b', 'a'],
        ],
        'db,ba',
      ).found.shape,
    ).toEqual([2, 4]);
    expect(run([['a', 'a']], 'aa').found.shape).toEqual([]);
  });

  it('is one matmul with flags where the axes lie right', () => {
    expect(ops('ij,jk->ik', [2, 3], [3, 4])).toEqual(['matmul']);
    expect(ops('bij,bjk->bik', [5, 2, 3], [5, 3, 4])).toEqual(['matmul']);
    expect(ops('ji,kj->ik', [3, 2], [4, 3])).toEqual(['matmul']);
    expect(ops('ij,jk->ki', [2, 3], [3, 4])).toEqual(['matmul']);
    expect(ops('bij,jk->bik', [5, 2, 3], [3, 4])).toEqual(['matmul']);
    expect(ops('nd,nd->', [5, 2], [5, 2])).toEqual(['matmul']);
    expect(ops('bhqd,bhkd->bhqk', [2, 3, 4, 5], [2, 3, 6, 5])).toEqual(['matmul']);
    expect(ops('i,j->ij', [2], [3])).toEqual(['mul']);
  });

  it('has derivatives', () => {
    const [x, y] = [parameter('x', [2, 3], 'float64'), parameter('y', [3], 'float64')];
    const g = grad((w: Tensor) => einsum('ij,j->', w, y))(x);
    expect([...evaluate([g], new Map([[y, [1, 2, 3]]]))[0].data]).toEqual([1, 2, 3, 1, 2, 3]);
  });

  it('refuses equations that do not fit, and says why', () => {
    const x = parameter('x', [2, 3]);
    const refused = (equation: string, ...operands: Tensor[]) => expect(() => einsum(equation, ...operands));
    refused('ij->ii', x).toThrow("einsum: 'ij->ii' repeats 'i' in its output");
    refused('ij->k', x).toThrow("has 'k' in its output only");
    refused('ij,jk->ik', x).toThrow('names 2 operand(s), but 1 came');
    refused('ijk->i', x).toThrow('gives operand 0 3 letter(s); it is parameter: float32[2, 3]');
    refused('ij,ij->', x, parameter('y', [2, 4])).toThrow("gives 'j' sizes 3 and 4 in [2, 3] and [2, 4]");
    refused('i1->i', x).toThrow("has '1', which is no letter");
    refused('ij->i->j', x).toThrow("has more than one '->'");
  });
});
