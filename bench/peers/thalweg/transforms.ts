import type { Model, Tensors } from '../../../src/nn/index.ts';
import { programOf } from '../../../src/optim/step-program.ts';
import type { Runtime } from '../../../src/runtime/runtime.ts';
import { parameter } from '../../../src/tensor/functions.ts';
import { grad, hvp, vmap } from '../../../src/tensor/transforms.ts';
import { bindProgram } from '../../../src/train/bound-program.ts';
import { Buffers } from '../../../src/train/buffers.ts';
import type { Loaded, Workload } from '../peer.ts';
import { fillInputs, floats, inputsOf, lossOf } from './loss.ts';
import { repeat } from './step.ts';

/** Placeholders of the parameters of a model under a prefix. */
const placeholders = (model: Model, prefix = ''): Tensors =>
  Object.fromEntries(
    Object.entries(model.parameters).map(([name, { shape }]) => [name, parameter(`${prefix}${name}`, shape)]),
  );

/** Binds outputs to buffers of their names and fills the tensors of the workload. */
async function bound(workload: Workload, outputs: Tensors, runtime: Runtime) {
  const buffers = new Buffers(runtime);
  const program = await bindProgram(programOf(outputs), runtime, buffers);
  fillInputs(workload, buffers);
  for (const [name, { data }] of Object.entries(workload.tensors)) buffers.find(name)?.data.set(data);
  return { buffers, run: repeat(() => program.run(0, 1)) };
}

const prefixed = (prefix: string, tensors: Tensors): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix}${name}`, tensor]));

/** The Hessian of the loss times the vectors `v.*`. */
export async function hessianVector(workload: Workload, model: Model, runtime: Runtime): Promise<Loaded> {
  const inputs = inputsOf(workload);
  const [params, vectors] = [placeholders(model), placeholders(model, 'v.')];
  const [product] = hvp((w: Tensors) => lossOf(model, w, inputs), [params], [vectors]);
  const { buffers, run } = await bound(workload, prefixed('h.', product), runtime);
  const check = (): number =>
    Object.keys(params).reduce((sum, name) => {
      const v = workload.tensors[`v.${name}`].data;
      return sum + floats(buffers, `h.${name}`).reduce((dot, h, i) => dot + h * v[i], 0);
    }, 0);
  return { run, check, dispose: () => buffers.release() };
}

/** The gradients of all examples. */
export async function perExample(workload: Workload, model: Model, runtime: Runtime): Promise<Loaded> {
  const inputs = inputsOf(workload);
  const params = placeholders(model);
  const ofOne = grad((w: Tensors, x: Tensors[string], label: Tensors[string]) =>
    lossOf(model, w, { x: x.expandDims(0), labels: label.expandDims(0) }),
  );
  const gradients = vmap(ofOne, [null, 0, 0])(params, inputs.x, inputs.labels);
  const { buffers, run } = await bound(workload, prefixed('g.', gradients), runtime);
  const check = (): number => {
    const sum = Object.keys(params).reduce(
      (all, name) => all + floats(buffers, `g.${name}`).reduce((one, g) => one + g * g, 0),
      0,
    );
    return sum / inputs.labels.shape[0];
  };
  return { run, check, dispose: () => buffers.release() };
}
