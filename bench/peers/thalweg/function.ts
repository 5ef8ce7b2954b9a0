import { type Optimizer, sgd, traceStep } from '../../../src/optim/index.ts';
import type { Runtime } from '../../../src/runtime/runtime.ts';
import { beale, rosenbrock, type Task } from '../../../src/tasks/index.ts';
import { layoutOf, trainingObjective } from '../../../src/train/objective.ts';
import { testFunctions } from '../../workloads/spec.ts';
import type { Loaded, Workload } from '../peer.ts';
import { floats } from './loss.ts';
import { bindStep, repeat } from './step.ts';

const tasks: Readonly<Record<(typeof testFunctions)[number], () => Task>> = { rosenbrock, beale };

/** A step of gradient descent on one of the tasks that are test functions. */
export async function testFunction({ numbers, tensors }: Workload, runtime: Runtime): Promise<Loaded> {
  const task = tasks[testFunctions[numbers.function]]();
  const optimizer: Optimizer = sgd({ lr: numbers.lr });
  const layout = layoutOf(task);
  const program = traceStep(optimizer, layout, () => trainingObjective(task, {}, 1), 1);
  const { buffers, take } = await bindStep(optimizer, layout, program, runtime);
  floats(buffers, 'w').set(tensors.w.data);
  return { run: repeat(take), check: () => floats(buffers, 'loss')[0], dispose: () => buffers.release() };
}
