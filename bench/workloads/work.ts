import type { WorkloadPlan } from './list.ts';
import { type Kind, updateMethods } from './spec.ts';

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

const inputs = new Set(['x', 'tokens', 'labels', 'a', 'b']);

/** Parameters of the model, or of the update. */
export const parametersOf = ({ tensors }: WorkloadPlan): number =>
  Object.entries(tensors).reduce(
    (sum, [name, { shape }]) => (inputs.has(name) || /^(v\.|g\d)/.test(name) ? sum : sum + sizeOf(shape)),
    0,
  );

// A step does three products for each of the forward pass: itself, its weights' gradient and its input's gradient. Element-wise work is
// not counted.

type Count = (plan: WorkloadPlan) => number;

/** Multiplications and additions of a forward pass with matrices and kernels that are used at `places` of the output. */
const forward = ({ tensors }: WorkloadPlan, places: (name: string) => number): number =>
  Object.entries(tensors).reduce(
    (sum, [name, { shape }]) =>
      shape.length > 1 && /\.weight/.test(name) ? sum + 2 * sizeOf(shape) * places(name) : sum,
    0,
  );

const batchOf = ({ tensors: { x, tokens } }: WorkloadPlan): number => (x ?? tokens).shape[0];

const mlp: Count = (plan) => {
  const places = batchOf(plan);
  // The input's gradient is not needed.
  return 3 * forward(plan, () => places) - 2 * places * sizeOf(plan.tensors['fc1.weight'].shape);
};

/** Pixels of the output of each convolution, by the beginning of its name; layers have one place for each example. */
const convnet =
  (pixels: Readonly<Record<string, number>>, first: string): Count =>
  (plan) => {
    const placesOf = (name: string): number => {
      const found = Object.keys(pixels).find((prefix) => name.startsWith(prefix));
      return batchOf(plan) * (found ? pixels[found] : 1);
    };
    return 3 * forward(plan, placesOf) - 2 * sizeOf(plan.tensors[`${first}.weight`].shape) * placesOf(first);
  };

const sequence: Count = (plan) => {
  const { tokens } = plan.tensors;
  const isLookup = (name: string): boolean => name === 'embedding.weight' || name === 'tokens.weight';
  return 3 * forward(plan, (name) => (isLookup(name) ? 0 : sizeOf(tokens.shape)));
};

/** Each of `heads` products of T x T scores costs 2 B T T D; there are two in a block. */
const gpt: Count = (plan) => {
  const [batch, steps] = plan.tensors.tokens.shape;
  const width = plan.tensors['tokens.weight'].shape[1];
  const blocks = Object.keys(plan.tensors).filter((name) => name.endsWith('.qkv.weight')).length;
  return sequence(plan) + 3 * blocks * 2 * 2 * batch * steps * steps * width;
};

const counts: Readonly<Partial<Record<Kind, Count>>> = {
  mlp,
  lenet: convnet({ conv1: 28 * 28, conv2: 10 * 10 }, 'conv1'),
  resnet8: convnet({ stem: 32 * 32, block1: 32 * 32, block2: 16 * 16, block3: 8 * 8 }, 'stem.conv'),
  lstm: sequence,
  gpt,
  matmul: ({ tensors: { a } }) => 2 * a.shape[0] ** 3,
};

/** Floating-point operations of the products of a step, where these are most of its work. */
export const flopsOf = (plan: WorkloadPlan): number | undefined => counts[plan.kind]?.(plan);

/** Bytes of a parameter that cross memory at least: w and g are read and w written, and each moment is read and written. */
const bytesPerParameter: Readonly<Partial<Record<(typeof updateMethods)[number], number>>> = {
  'sgd-momentum': 20,
  adamw: 28,
  lion: 20,
};

/** Bytes that a step reads and writes at least, where it does little else. */
export function bytesOf(plan: WorkloadPlan): number | undefined {
  if (plan.kind === 'copy') return 8 * sizeOf(plan.tensors.x.shape);
  if (plan.kind !== 'update') return undefined;
  const each = bytesPerParameter[updateMethods[plan.numbers.method]];
  return each && each * parametersOf(plan);
}
