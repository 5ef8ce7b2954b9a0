import { sgd, traceStep } from '../../src/optim/index.ts';
import { mapProgram } from '../../src/optim/map-program.ts';
import { createRuntime } from '../../src/runtime/runtime.ts';
import type { Bundle } from '../../src/tensor/bundle.ts';
import { bindProgram } from '../../src/train/bound-program.ts';
import { Buffers } from '../../src/train/buffers.ts';
import { fillInputs, floats, inputsOf, layoutOf, lossOf } from '../peers/thalweg/loss.ts';
import { mlpModel } from '../peers/thalweg/models.ts';
import { bindStep } from '../peers/thalweg/step.ts';
import { readWorkload } from '../workloads/read.ts';
import { rates, steps, type Ways } from './sweep-plan.ts';

/** The steps of the sweep alone, on one batch: what is left of it without trainer, data and evaluation. Answers the last losses. */
export function stepWays(path: string): Ways {
  const workload = readWorkload(path);
  const model = mlpModel(workload);
  const layout = layoutOf(model);
  const inputs = inputsOf(workload);
  const objective = {
    batch: () => inputs,
    loss: (w: Bundle, batch: typeof inputs) => lossOf(model, w.toRecord(), batch),
  };
  const start = new Float32Array(layout.size);
  for (const { name, offset } of layout.leaves) start.set(workload.tensors[name].data, offset);

  return {
    async each(threads) {
      const optimizer = sgd({ lr: rates[0] });
      const program = traceStep(optimizer, layout, () => objective, 1);
      const { buffers, take } = await bindStep(optimizer, layout, program, createRuntime({ threads }));
      fillInputs(workload, buffers);
      return async (some) => {
        const losses: number[] = [];
        for (const lr of some) {
          buffers.get('hyper.lr', [], 'float64').data[0] = lr;
          floats(buffers, 'w').set(start);
          for (let t = 0; t < steps; t++) {
            const pending = take();
            if (pending) await pending;
          }
          losses.push(floats(buffers, 'loss')[0]);
        }
        return losses;
      };
    },

    async together(threads, trials) {
      const optimizer = sgd();
      const runtime = createRuntime({ threads });
      const buffers = new Buffers(runtime);
      const isOwn = (name: string): boolean => name === 'w' || name.startsWith('hyper.');
      const program = mapProgram(
        traceStep(optimizer, layout, () => objective, 1),
        trials,
        isOwn,
      );
      const bound = await bindProgram(program, runtime, buffers);
      fillInputs(workload, buffers);
      return async (some) => {
        buffers.get('hyper.lr', [trials], 'float64').data.set(some);
        for (let i = 0; i < some.length; i++) floats(buffers, 'w').set(start, i * layout.size);
        for (let t = 1; t <= steps; t++) {
          const pending = bound.run(0, t);
          if (pending) await pending;
        }
        return [...floats(buffers, 'loss')];
      };
    },
  };
}
