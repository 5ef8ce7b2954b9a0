import type { Initializer, ParameterSpecs } from '../nn/model.ts';
import type { TypedArray } from '../runtime/engine.ts';
import { fillRandom } from '../runtime/random.ts';
import type { Task } from '../tasks/task.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Buffers } from './buffers.ts';

/** Draws one parameter tensor: a pure function of the seed and the parameter's name. */
function initialize(target: TypedArray, init: Initializer, seed: number, name: string): void {
  const key = { seed, stream: `init/${name}`, step: 0 };
  switch (init.kind) {
    case 'constant':
      target.fill(init.value);
      return;
    case 'values':
      if (init.values.length !== target.length) {
        throw new Error(`${name}: ${init.values.length} initial values do not fill ${target.length} elements`);
      }
      target.set(init.values);
      return;
    case 'normal':
      fillRandom(target, 'normal', key);
      for (let i = 0; i < target.length; i++) target[i] = init.mean + init.std * target[i];
      return;
    case 'uniform':
      fillRandom(target, 'uniform', key);
      for (let i = 0; i < target.length; i++) target[i] = init.low + (init.high - init.low) * target[i];
  }
}

/** Draws all tensors of a model into consecutive parts of a flat array, in the order of the specs. */
export function initializeAll(target: TypedArray, specs: ParameterSpecs, seed: number): void {
  let offset = 0;
  for (const [name, { shape, init }] of Object.entries(specs)) {
    const size = sizeOf(shape);
    initialize(target.subarray(offset, offset + size), init, seed, name);
    offset += size;
  }
}

/** Makes the initial parameters of a task, 'w', and what its model keeps beside them, 'model.<name>'. */
export function initializeTask(task: Task, seed: number, buffers: Buffers): void {
  const size = Object.values(task.parameters).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  initializeAll(buffers.get('w', [size], 'float32').data, task.parameters, seed);
  for (const [name, spec] of Object.entries(task.buffers)) {
    initializeAll(buffers.get(`model.${name}`, spec.shape, 'float32').data, { [name]: spec }, seed);
  }
}
