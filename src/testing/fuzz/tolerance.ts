import { type NdArray, rules } from '../../runtime/reference/index.ts';
import type { OpName } from '../../tensor/attrs.ts';
import { type DType, isFloat } from '../../tensor/dtype.ts';
import { expand, isComposite } from '../../tensor/expand.ts';
import { topological, withInputs } from '../../tensor/graph.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Dice } from './dice.ts';
import { isInput, type Program } from './program.ts';
import { roundings, singleOnOnnx } from './rounding.ts';

// How far float32 may lie from float64 is sampled (Monte Carlo arithmetic, Parker 1997): the program runs in float64 several times, and
// each time every node's result is moved at random by as much as its op may round (`rounding.ts`). The spread of a result is what the
// rounding of all that it is made of can do to it: cancellation and ill-conditioned functions widen it, what is exact does not. A node has
// one value in a run, so what is equal by construction (x and the maximum of x) stays equal, while a comparison of numbers that
// happen to lie within rounding of each other falls one way in some runs and the other way in others, and whatever hangs on it
// spreads accordingly.

/** How precisely numbers are held: the unit in the last place of each dtype, and the ops whose results have float32 accuracy anyway. */
export interface Precision {
  readonly units: { readonly [K in DType]: number };
  readonly singles: ReadonlySet<OpName>;
}

const units = { float32: 2 ** -23, float64: 2 ** -52, int32: 0, uint8: 0, bool: 0 };

/** What tensors are declared to be. */
export const asDeclared: Precision = { units, singles: new Set() };
/** The same, where ONNX Runtime may have computed. */
export const onOnnx: Precision = { units, singles: singleOnOnnx };
/** The reference engine's. */
export const inDouble: Precision = { units: { ...units, float32: 2 ** -52 }, singles: new Set() };

/** Below this magnitude float32 numbers lose digits or vanish. */
const underflow = 2 ** -120;

/** A program with composites as what they are made of, in topological order, and the unit of every node. */
interface Course {
  readonly order: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly unitOf: ReadonlyMap<Tensor, number>;
}

function courseOf(outputs: readonly Tensor[], { units, singles }: Precision): Course {
  const made = new Map<Tensor, Tensor>();
  const unitOf = new Map<Tensor, number>();
  for (const node of topological(outputs)) {
    const inputs = node.inputs.map((input) => made.get(input) as Tensor);
    const now = isComposite(node.op) && node.size > 0 ? expandNode(node, inputs) : withInputs(node, inputs);
    for (const part of topological([now], (at) => inputs.includes(at))) {
      unitOf.set(part, isFloat(part.dtype) && singles.has(node.op) ? units.float32 : units[part.dtype]);
    }
    made.set(node, now);
  }
  const found = outputs.map((output) => made.get(output) as Tensor);
  return { order: topological(found), outputs: found, unitOf };
}

function expandNode({ op, attrs }: Tensor, inputs: readonly Tensor[]): Tensor {
  const meaning = expand[op as 'layerNorm'];
  return meaning(inputs, attrs as { epsilon: number });
}

const compute = (node: Tensor, inputs: readonly NdArray[]): NdArray =>
  rules[node.op as 'neg'](inputs, node.attrs as Record<never, never>, node);

const magnitudes = (x: NdArray): NdArray => (isFloat(x.dtype) ? { ...x, data: x.data.map(Math.abs) } : x);

/** To count the terms of a sum; indices stay what they are. */
const ones = (x: NdArray): NdArray => (isFloat(x.dtype) ? { ...x, data: x.data.map(() => 1) } : x);

/** How far one rounding may move each element of y. */
function roundingOf(node: Tensor, inputs: readonly NdArray[], { data }: NdArray, unit: number): (i: number) => number {
  const single = unit > 2 ** -30;
  switch (roundings[node.op]) {
    case 'exact':
    case 'expanded':
      return () => 0;
    case 'rounded':
      return (i) => (single && Math.fround(data[i]) === data[i] ? 0 : unit * Math.abs(data[i]));
    case 'approximate':
      return (i) => 8 * unit * Math.abs(data[i]);
    case 'bounded':
      return (i) => unit * (8 * Math.abs(data[i]) + 1);
    case 'accumulated': {
      // The places of the largest elements must stay where they are.
      const places = node.op === 'maxPoolScatter';
      const sumOf = (term: (x: NdArray) => NdArray) =>
        compute(node, places ? [inputs[0], term(inputs[1])] : inputs.map(term)).data;
      const [sums, counts] = [sumOf(magnitudes), sumOf(ones)];
      return (i) => unit * Math.sqrt(counts[i]) * sums[i];
    }
    case 'iterated': {
      const n = node.shape[node.shape.length - 1];
      let largest = 0;
      for (const x of inputs[0].data) largest = Math.max(largest, Math.abs(x));
      // Row 0 of each packed eigh holds eigenvalues; all else are components of unit vectors.
      return (i) => unit * n * (node.op === 'eigh' && Math.floor(i / n) % (n + 1) === 0 ? largest : 1);
    }
  }
}

/** Moves every element by up to its rounding, by no less than half of it. */
function moved(y: NdArray, rounding: (i: number) => number, dice: Dice): NdArray {
  const data = y.data.slice();
  for (let i = 0; i < data.length; i++) {
    const by = rounding(i);
    if (by > 0) data[i] += (by + underflow) * (dice.chance(0.5) ? 1 : -1) * dice.between(0.5, 1);
  }
  return { ...y, data };
}

function sample({ order, unitOf }: Course, program: Program, dice: Dice): Map<Tensor, NdArray> {
  const known = new Map<Tensor, NdArray>();
  for (const node of order) {
    if (isInput(node)) {
      const { shape, dtype } = node;
      known.set(node, { shape, dtype, data: Float64Array.from(program.values.get(node) ?? []) });
      continue;
    }
    const inputs = node.inputs.map((input) => known.get(input) as NdArray);
    const y = compute(node, inputs);
    const unit = unitOf.get(node) as number;
    known.set(node, unit === 0 ? y : moved(y, roundingOf(node, inputs, y, unit), dice));
  }
  return known;
}

/** The largest distance of each element of each output from its exact value in `samples` runs with random roundings. */
export function spreads(
  program: Program,
  exact: readonly NdArray[],
  { precision, samples, dice }: { precision: Precision; samples: number; dice: Dice },
): Float64Array[] {
  const course = courseOf(program.outputs, precision);
  const found = exact.map(({ data }) => new Float64Array(data.length));
  for (let k = 0; k < samples; k++) {
    const known = sample(course, program, dice);
    course.outputs.forEach((output, j) => {
      const { data } = known.get(output) as NdArray;
      // A run that leaves the finite numbers says that nothing can be said.
      data.forEach((x, i) => {
        const distance = Math.abs(x - exact[j].data[i]);
        found[j][i] = Math.max(found[j][i], Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance);
      });
    });
  }
  return found;
}
