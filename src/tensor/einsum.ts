import { TensorError } from './error.ts';
import { formatShape, sizeOf } from './shape.ts';
import type { Tensor } from './tensor.ts';

/** A tensor and a letter for each of its axes. */
interface Term {
  readonly labels: readonly string[];
  readonly tensor: Tensor;
}

/**
 * Sums of products by index letters: einsum('bij,bjk->bik', a, b). Letters that the output lacks are summed over; a letter twice in one
 * operand takes its diagonal. Without '->' the output has the letters that occur once, in alphabetical order. Operands are taken
 * from left to right, each pair as one matmul (or product, where nothing is summed).
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  const { inputs, output } = parse(equation, operands);
  const terms = operands.map((tensor, i) => diagonal({ labels: inputs[i], tensor }));
  const result = terms.reduce((left, right, i) => {
    const later = new Set([...output, ...inputs.slice(i + 1).flat()]);
    const keptBy = (other: Term) => (label: string) => later.has(label) || other.labels.includes(label);
    const last = i === terms.length - 1 ? output : null;
    return contract(sumOut(left, keptBy(right)), sumOut(right, keptBy(left)), later, last);
  });
  return arrange(
    sumOut(result, (label) => output.includes(label)),
    output,
  ).tensor;
}

function parse(equation: string, operands: readonly Tensor[]): { inputs: string[][]; output: string[] } {
  const fail = (problem: string): never => {
    throw new TensorError('einsum', `'${equation}' ${problem}`);
  };
  const sides = equation.replaceAll(' ', '').split('->');
  const inputs = sides[0].split(',').map((labels) => [...labels]);
  const letters = inputs.flat();
  const once = [...new Set(letters)].filter((x) => letters.indexOf(x) === letters.lastIndexOf(x)).sort();
  const output = sides.length === 1 ? once : [...sides[1]];
  if (sides.length > 2) fail("has more than one '->'");
  const odd = [...letters, ...output].find((letter) => !/^[a-zA-Z]$/.test(letter));
  if (odd !== undefined) fail(`has '${odd}', which is no letter`);
  if (inputs.length !== operands.length) fail(`names ${inputs.length} operand(s), but ${operands.length} came`);
  const sizes = new Map<string, number>();
  inputs.forEach((labels, i) => {
    const { shape } = operands[i];
    if (labels.length !== shape.length) fail(`gives operand ${i} ${labels.length} letter(s); it is ${operands[i]}`);
    labels.forEach((label, axis) => {
      const size = sizes.get(label) ?? shape[axis];
      if (size !== shape[axis]) {
        fail(
          `gives '${label}' sizes ${size} and ${shape[axis]} in ${operands.map((x) => formatShape(x.shape)).join(' and ')}`,
        );
      }
      sizes.set(label, size);
    });
  });
  output.forEach((label, i) => {
    if (!sizes.has(label)) fail(`has '${label}' in its output only`);
    if (output.indexOf(label) !== i) fail(`repeats '${label}' in its output`);
  });
  return { inputs, output };
}

/** Takes the diagonal of letters that occur twice: of n * n elements in a row, every (n + 1)-th. */
function diagonal({ labels, tensor }: Term): Term {
  const second = labels.findIndex((label, i) => labels.indexOf(label) < i);
  if (second < 0) return { labels, tensor };
  const first = labels.indexOf(labels[second]);
  const rest = [...labels.keys()].filter((axis) => axis !== first && axis !== second);
  const n = tensor.shape[first];
  const shape = rest.map((axis) => tensor.shape[axis]);
  const flat = tensor.transpose([...rest, first, second]).reshape([...shape, n * n]);
  const picked = flat.slice([...shape.map(() => 0), 0], flat.shape, [...shape.map(() => 1), n + 1]);
  return diagonal({ labels: [...rest.map((axis) => labels[axis]), labels[first]], tensor: picked });
}

function sumOut({ labels, tensor }: Term, keep: (label: string) => boolean): Term {
  const axes = [...labels.keys()].filter((axis) => !keep(labels[axis]));
  return axes.length === 0 ? { labels, tensor } : { labels: labels.filter(keep), tensor: tensor.sum(axes) };
}

/** Axes in the order of `labels`. */
const arrange = (term: Term, labels: readonly string[]): Term => ({
  labels,
  tensor: term.tensor.transpose(labels.map((label) => term.labels.indexOf(label))),
});

const isArranged = (term: Term, labels: readonly string[]): boolean =>
  term.labels.every((label, i) => label === labels[i]);

/** The product of two terms, summed over the letters that both have and nobody needs later. */
function contract(a: Term, b: Term, later: ReadonlySet<string>, output: readonly string[] | null): Term {
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const summed = shared.filter((label) => !later.has(label));
  if (summed.length === 0) return multiply(a, b, output);
  const batch = shared.filter((label) => later.has(label));
  const rows = a.labels.filter((label) => !shared.includes(label));
  const columns = b.labels.filter((label) => !shared.includes(label));
  const sums = [summed, b.labels.filter((label) => summed.includes(label))];
  // Of the ways to write it as a matrix product, the one that moves the fewest tensors.
  const plans = [plan(a, b, batch, rows, columns, output, sums), plan(b, a, batch, columns, rows, output, sums)].flat();
  return plans.reduce((best, next) => (next.moves < best.moves ? next : best)).run();
}

interface Plan {
  readonly moves: number;
  readonly run: () => Term;
}

/** Ways to make [batch, rows, columns] of [batch, rows, sums] and [batch, sums, columns], where a flag may swap the last two. */
function plan(
  a: Term,
  b: Term,
  batch: readonly string[],
  rows: readonly string[],
  columns: readonly string[],
  output: readonly string[] | null,
  sums: readonly (readonly string[])[],
): Plan[] {
  const size = (term: Term, labels: readonly string[]): number =>
    sizeOf(labels.map((label) => term.tensor.shape[term.labels.indexOf(label)]));
  const labels = [...batch, ...rows, ...columns];
  return sums.map((summed) => {
    const plainA = isArranged(a, [...batch, ...rows, ...summed]);
    const plainB = isArranged(b, [...batch, ...summed, ...columns]);
    const transposeA = !plainA && isArranged(a, [...batch, ...summed, ...rows]);
    const transposeB = !plainB && isArranged(b, [...batch, ...columns, ...summed]);
    const movesA = plainA || transposeA ? 0 : 1;
    const movesB = plainB || transposeB ? 0 : 1;
    const movesY = output && output.length === labels.length && output.some((label, i) => label !== labels[i]) ? 1 : 0;
    const run = (): Term => {
      const matrix = (term: Term, first: readonly string[], second: readonly string[]): Tensor =>
        arrange(term, [...batch, ...first, ...second]).tensor.reshape([
          ...batch.map((label) => size(term, [label])),
          size(term, first),
          size(term, second),
        ]);
      const left = transposeA ? matrix(a, summed, rows) : matrix(a, rows, summed);
      const right = transposeB ? matrix(b, columns, summed) : matrix(b, summed, columns);
      const dimensions = labels.map((label) => size(a.labels.includes(label) ? a : b, [label]));
      return { labels, tensor: left.matmul(right, { transposeA, transposeB }).reshape(dimensions) };
    };
    return { moves: movesA + movesB + movesY, run };
  });
}

/** The product with broadcasting, nothing summed; letters in the order of the output where it is known. */
function multiply(a: Term, b: Term, output: readonly string[] | null): Term {
  const all = [...a.labels, ...b.labels.filter((label) => !a.labels.includes(label))];
  const labels = output && output.length === all.length ? output : all;
  const spread = (term: Term): Tensor => {
    const own = labels.filter((label) => term.labels.includes(label));
    const { tensor } = arrange(term, own);
    return tensor.reshape(labels.map((label) => (own.includes(label) ? tensor.shape[own.indexOf(label)] : 1)));
  };
  return { labels, tensor: spread(a).mul(spread(b)) };
}
