import { number } from '../../src/lab/format.ts';
import { stateMeasuredOn } from '../../src/lab/measure.ts';
import { adam8bit } from '../../src/optim/low-memory/adam8bit.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import type { Page } from './entries.ts';
import { code, table } from './markdown.ts';

const shares = (): string => {
  const parameters = Object.values(stateMeasuredOn.parameters);
  const total = parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const byRole = Map.groupBy(parameters, ({ role }) => role ?? 'other');
  const text = [...byRole].map(([role, specs]) => {
    const size = specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    return { size, text: `${role} ${((100 * size) / total).toFixed(size * 100 < total ? 1 : 0)}%` };
  });
  const sorted = text.sort((a, b) => b.size - a.size).map((one) => one.text);
  return `${total.toLocaleString('en-US')} parameters (${sorted.join(', ')})`;
};

/** '64 to 256': of the hidden matrices. */
const sides = (): string => {
  const matrices = Object.values(stateMeasuredOn.parameters).filter(({ role }) => role === 'matrix');
  const all = matrices.flatMap(({ shape }) => shape);
  return `${Math.min(...all)} to ${Math.max(...all)}`;
};

const minSize = (): string => adam8bit.hyper.minSize.default.toLocaleString('en-US');

const kept = ({ cost: { state } }: Page): string =>
  state.map(({ name, bytesPerParameter }) => `${code(name)} ${number(bytesPerParameter)}`).join(', ');

const rowsOf = (pages: readonly Page[]) =>
  pages
    .toSorted((a, b) => a.cost.stateBytesPerParameter - b.cost.stateBytesPerParameter || (a.id < b.id ? -1 : 1))
    .map((page) => [`[${page.id}](methods/${page.id}.md)`, number(page.cost.stateBytesPerParameter), kept(page)]);

/** What every method keeps between steps. */
export function memoryPage(pages: readonly Page[]): string {
  const wrappers = pages.filter(({ kind, cost }) => kind === 'wrapper' && cost.stateBytesPerParameter > 0);
  return `# Memory

Bytes of optimizer state for each parameter, smallest first. Nothing here is declared by a method: the state that its first step is given is laid out for the parameters of ${code(stateMeasuredOn.id)}, ${shares()}, at the method's defaults, and its bytes are counted: 4 for a float32, 1 for a byte. Driven methods (L-BFGS, line searches) keep float64 numbers on the host and are counted after ten steps on a perceptron.

A method that factors or projects matrices, or quantises large tensors, keeps less where matrices are larger than here: their sides are ${sides()}, and adam8bit leaves tensors of fewer than ${minSize()} elements alone. \`thalweg methods\` prints the same numbers.

<DataTable placeholder="Filter">

## Methods

${table(['method', 'bytes per parameter', 'of which'], rowsOf(pages.filter(({ kind }) => kind === 'method')))}

## Wrappers

What a wrapper adds to its base. Those that are not named keep nothing, and neither does a schedule.

${table(['wrapper', 'bytes per parameter', 'of which'], rowsOf(wrappers))}

</DataTable>
`;
}
