import { topological } from '../../tensor/graph.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { isInput, type Leaf, type Program } from './program.ts';

const numbers = (values: ArrayLike<number>): string =>
  `[${Array.from(values, (x) => (Object.is(x, -0) ? '-0' : `${x}`)).join(', ')}]`;

const literal = (value: unknown): string => {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : `${value}`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return `${value}`;
  const fields = Object.entries(value).map(([name, field]) => `${name}: ${literal(field)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
};

/** A program as TypeScript: an entry of `found.ts`, which makes a regression test of it. */
export function printProgram({ outputs, values, over }: Program, name: string): string {
  const names = new Map<Tensor, string>();
  const order = topological(outputs);
  const leaves = order.filter(isInput);
  leaves.forEach((leaf, i) => {
    names.set(leaf, `x${i}`);
  });
  const lines = order
    .filter((node) => !isInput(node))
    .map((node, i) => {
      const inputs = node.inputs.map((input) => names.get(input)).join(', ');
      names.set(node, `y${i}`);
      return `    const y${i} = apply('${node.op}', [${inputs}], ${literal(node.attrs)}); // ${node.dtype}[${node.shape}]`;
    });
  const places = outputs.map((output) => leaves.indexOf(over.get(output) as Leaf));
  return [
    '{',
    `  name: ${literal(name)},`,
    '  inputs: [',
    ...leaves.map((leaf) => {
      const values_ = numbers(values.get(leaf) ?? []);
      return `    { shape: ${literal(leaf.shape)}, dtype: '${leaf.dtype}', values: ${values_} },`;
    }),
    '  ],',
    ...(over.size > 0 ? [`  over: ${literal(places.map((at) => (at < 0 ? null : at)))},`] : []),
    `  build: (${leaves.map((leaf) => names.get(leaf)).join(', ')}) => {`,
    ...lines,
    `    return [${outputs.map((output) => names.get(output)).join(', ')}];`,
    '  },',
    '},',
  ].join('\n');
}
