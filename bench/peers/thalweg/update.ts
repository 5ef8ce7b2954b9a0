import {
  adafactor,
  adamw,
  lion,
  muon,
  type Optimizer,
  type StepProgram,
  sgd,
  shampoo,
  traceStep,
} from '../../../src/optim/index.ts';
import type { Runtime } from '../../../src/runtime/runtime.ts';
import { type Bundle, Layout } from '../../../src/tensor/bundle.ts';
import { parameter } from '../../../src/tensor/functions.ts';
import { updateMethods } from '../../workloads/spec.ts';
import { descent, gradientOf, isParameter, type Loaded, type Workload } from '../peer.ts';
import { bindStep, repeat } from './step.ts';

const optimizers: Readonly<Record<(typeof updateMethods)[number], () => Optimizer>> = {
  'sgd-momentum': () => sgd({ lr: 0.01, momentum: 0.9 }),
  adamw: () => adamw({ lr: 1e-3, weightDecay: 0.01 }),
  lion: () => lion({ lr: 1e-4, weightDecay: 0.01 }),
  adafactor: () => adafactor({ lr: 1e-3, relativeStep: false, scaleParameter: false }),
  muon: () => muon({ lr: 0.02, momentum: 0.95, averaged: false }),
  shampoo: () => shampoo({ lr: 0.01, eps: 1e-4 }),
};

/** The optimizer's update alone; the gradient is given, flat as the parameters are. */
export async function update({ tensors, numbers }: Workload, runtime: Runtime): Promise<Loaded> {
  const optimizer = optimizers[updateMethods[numbers.method]]();
  const names = Object.keys(tensors).filter(isParameter);
  const layout = new Layout(names.map((name) => ({ name, shape: tensors[name].shape, role: 'matrix' })));
  const g = parameter('g', [layout.size]);
  // A loss that is linear in w has the given gradient everywhere.
  const objective = { batch: () => ({}), loss: (w: Bundle) => w.flat.dot(g) };
  const program = withoutLoss(traceStep(optimizer, layout, () => objective, 1));
  const { buffers, take } = await bindStep(optimizer, layout, program, runtime);
  const [w, gradient] = ['w', 'g'].map((name) => buffers.get(name, [layout.size], 'float32'));
  for (const { name, offset } of layout.leaves) w.data.set(tensors[name].data, offset);
  gradient.data.set(w.data);
  const steps = repeat(take);
  let begun = false;
  const begin = async (count: number): Promise<void> => {
    await steps(1);
    begun = true;
    for (const { name, offset } of layout.leaves) gradient.data.set(tensors[gradientOf(name)].data, offset);
    await steps(count - 1);
  };
  const check = (): number =>
    descent(
      tensors,
      new Map(layout.leaves.map(({ name, offset, size }) => [name, w.data.subarray(offset, offset + size)])),
    );
  return { run: (count) => (begun ? steps(count) : begin(count)), check, dispose: () => buffers.release() };
}

/** The same program without its loss output, which an update alone has no use for. */
function withoutLoss(program: StepProgram): StepProgram {
  const keep = program.outputs.flatMap((name, i) => (name === 'loss' ? [] : [i]));
  return {
    ...program,
    outputs: keep.map((i) => program.outputs[i]),
    graph: { ...program.graph, outputs: keep.map((i) => program.graph.outputs[i]) },
  };
}
