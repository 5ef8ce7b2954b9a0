import { gptTensors, hvpTensors, lenetTensors, lstmTensors, mlpTensors, resnet8Tensors } from './models.ts';
import { type Kind, testFunctions, updateMethods } from './spec.ts';
import { type Tensors, uniform } from './tensors.ts';

/** One workload of the matrix, before its data are written. */
export interface WorkloadPlan {
  readonly id: string;
  readonly title: string;
  readonly kind: Kind;
  readonly numbers: Readonly<Record<string, number>>;
  readonly agreedSteps: number;
  /** Workloads of one data file have the same numbers. */
  readonly file: string;
  readonly tensors: Tensors;
}

type Training = Pick<WorkloadPlan, 'id' | 'title' | 'tensors'> & {
  readonly kind?: Kind;
  readonly lr: number;
  readonly heads?: number;
};

const mlp = (sizes: readonly number[], batch: number) => ({
  title: `MLP ${sizes.join('-')}, batch ${batch}`,
  tensors: mlpTensors(sizes, batch),
});

const trainings: readonly Training[] = [
  { id: 'logistic', ...mlp([784, 10], 128), title: 'Logistic regression 784-10, batch 128', lr: 0.01 },
  { id: 'mlp-tiny', ...mlp([64, 32, 32, 10], 32), lr: 0.05 },
  { id: 'mlp-784', ...mlp([784, 512, 512, 10], 128), lr: 0.02 },
  { id: 'mlp-1024', ...mlp([1024, 1024, 1024, 10], 512), lr: 0.02 },
  { id: 'lenet', kind: 'lenet', title: 'LeNet on 28x28, batch 64', lr: 0.02, tensors: lenetTensors(64) },
  {
    id: 'resnet8',
    kind: 'resnet8',
    title: 'ResNet-8 with batch norm on 32x32x3, batch 64',
    lr: 0.01,
    tensors: resnet8Tensors(64),
  },
  {
    id: 'lstm',
    kind: 'lstm',
    title: 'LSTM 200 hidden, 35 steps, batch 20',
    lr: 0.2,
    tensors: lstmTensors({ vocabulary: 100, steps: 35, batch: 20 }, 200, 200),
  },
  {
    id: 'gpt',
    kind: 'gpt',
    title: 'GPT 4 layers, width 128, context 64, batch 16',
    lr: 0.02,
    heads: 4,
    tensors: gptTensors({ vocabulary: 100, steps: 64, batch: 16 }, 128, 4),
  },
];

const training = ({ id, kind = 'mlp', title, lr, heads, tensors }: Training): WorkloadPlan => ({
  id,
  title,
  kind,
  numbers: { lr, ...(heads !== undefined && { heads }) },
  agreedSteps: 20,
  file: `${id}.bin`,
  tensors,
});

/** How many tensors of which form: n parameters in about the form in which a model has them. */
interface Form {
  readonly count: number;
  readonly side: number;
}

const updateSizes = ['1e4', '1e6', '3e7'] as const;
const formOf = (method: string, size: (typeof updateSizes)[number]): Form => {
  if (size === '1e4') return { count: 1, side: 100 };
  if (size === '1e6') return { count: 4, side: 500 };
  // Methods that multiply or decompose matrices take hours of 1000 x 1000.
  if (method === 'muon') return { count: 114, side: 512 };
  if (method === 'shampoo') return { count: 458, side: 256 };
  return { count: 30, side: 1000 };
};

function update(method: string, index: number, size: (typeof updateSizes)[number]): WorkloadPlan {
  const { count, side } = formOf(method, size);
  const some = (prefix: string, bound: number): Tensors =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`${prefix}${i}`, uniform([side, side], -bound, bound)]),
    );
  return {
    id: `update-${method}-${size}`,
    title: `${method}: the step alone, ${size} parameters (${count} of ${side}x${side})`,
    kind: 'update',
    numbers: { method: index },
    agreedSteps: size === '3e7' && (method === 'muon' || method === 'shampoo') ? 2 : 20,
    file: `update-${count}x${side}.bin`,
    tensors: { ...some('w', 0.5), ...some('g', 0.05) },
  };
}

const machine: readonly WorkloadPlan[] = [
  ...[1024, 2048].map(
    (n): WorkloadPlan => ({
      id: `matmul-${n}`,
      title: `Matrix product ${n}x${n}x${n}`,
      kind: 'matmul',
      numbers: {},
      agreedSteps: 2,
      file: `matmul-${n}.bin`,
      tensors: { a: uniform([n, n], -0.5, 0.5), b: uniform([n, n], -0.5, 0.5) },
    }),
  ),
  ...[1, 2].map(
    (threads): WorkloadPlan => ({
      id: `copy-${threads}`,
      title: `Copy of 120 MB by ${threads === 1 ? 'one thread' : `${threads} threads`}`,
      kind: 'copy',
      numbers: { threads },
      agreedSteps: 2,
      file: 'copy.bin',
      tensors: { x: uniform([3e7], -0.5, 0.5) },
    }),
  ),
];

const functions = testFunctions.map(
  (name, index): WorkloadPlan => ({
    id: `function-${name}`,
    title: `A step on ${name}'s function of two variables`,
    kind: 'function',
    numbers: { function: index, lr: 1e-3 },
    agreedSteps: 20,
    file: 'function.bin',
    tensors: { w: uniform([2], 0.9, 1.4) },
  }),
);

/** The whole matrix, in the order of the report. */
export const workloads: readonly WorkloadPlan[] = [
  ...machine,
  ...trainings.map(training),
  {
    id: 'hvp',
    title: 'Hessian-vector product of MLP 784-512-512-10, batch 128',
    kind: 'hvp',
    numbers: {},
    agreedSteps: 20,
    file: 'hvp.bin',
    tensors: hvpTensors([784, 512, 512, 10], 128),
  },
  {
    id: 'per-example',
    title: 'Per-example gradients of MLP 784-512-512-10, batch 64',
    kind: 'per-example',
    numbers: {},
    agreedSteps: 20,
    file: 'per-example.bin',
    tensors: mlpTensors([784, 512, 512, 10], 64),
  },
  ...functions,
  ...updateMethods.flatMap((method, index) => updateSizes.map((size) => update(method, index, size))),
];

/** What `--quick` measures: every kind, but of the updates no more than tells them apart. */
export const isQuick = ({ id, kind }: WorkloadPlan): boolean =>
  kind !== 'update' || id.endsWith('-1e4') ? id !== 'matmul-2048' : quickUpdates.has(id);

const quickUpdates = new Set(['sgd-momentum-1e6', 'adamw-1e6', 'lion-1e6', 'adamw-3e7'].map((id) => `update-${id}`));
