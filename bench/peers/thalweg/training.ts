import type { Model } from '../../../src/nn/index.ts';
import { sgd, traceStep } from '../../../src/optim/index.ts';
import type { Runtime } from '../../../src/runtime/runtime.ts';
import type { Loaded, Workload } from '../peer.ts';
import { fillInputs, floats, inputsOf, layoutOf, lossOf } from './loss.ts';
import { nameInModel } from './models.ts';
import { bindStep, repeat } from './step.ts';

/** Forward, backward and plain SGD, as the trainer runs them. */
export async function training(workload: Workload, model: Model, runtime: Runtime): Promise<Loaded> {
  const optimizer = sgd({ lr: workload.numbers.lr });
  const layout = layoutOf(model);
  const inputs = inputsOf(workload);
  const objective = {
    batch: () => inputs,
    loss: (w: { toRecord(): typeof inputs }, batch: typeof inputs) => lossOf(model, w.toRecord(), batch),
  };
  const program = traceStep(optimizer, layout, () => objective, 1);
  const { buffers, take } = await bindStep(optimizer, layout, program, runtime);
  fillInputs(workload, buffers);
  const w = buffers.get('w', [layout.size], 'float32');
  for (const [name, { data }] of Object.entries(workload.tensors)) {
    const leaf = layout.leaves.find((candidate) => candidate.name === nameInModel(name));
    if (leaf) w.data.set(data, leaf.offset);
  }
  return {
    run: repeat(take),
    check: () => floats(buffers, 'loss')[0],
    dispose: () => buffers.release(),
  };
}
