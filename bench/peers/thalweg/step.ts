import { type Optimizer, traceInit } from '../../../src/optim/index.ts';
import type { Program } from '../../../src/optim/step-program.ts';
import type { Runtime } from '../../../src/runtime/runtime.ts';
import type { Layout } from '../../../src/tensor/bundle.ts';
import { bindProgram } from '../../../src/train/bound-program.ts';
import { Buffers } from '../../../src/train/buffers.ts';
import type { Loaded } from '../peer.ts';

/** A step program of an optimizer on buffers of its own, and how to run it; hyperparameters and initial state are in place. */
export async function bindStep(optimizer: Optimizer, layout: Layout, program: Program, runtime: Runtime) {
  const buffers = new Buffers(runtime);
  for (const [name, { kind }] of Object.entries(optimizer.spec)) {
    if (kind === 'number' || kind === 'optional') {
      buffers.get(`hyper.${name}`, [], 'float64').data[0] = optimizer.values[name] as number;
    }
  }
  const step = await bindProgram(program, runtime, buffers);
  const init = traceInit(optimizer, layout);
  if (init.outputs.length > 0) await (await bindProgram(init, runtime, buffers)).run(0, 0);
  const clock = buffers.get('t', [], 'float64');
  let t = 0;
  const take = (): void | Promise<void> => {
    clock.data[0] = ++t;
    return step.run(0, t);
  };
  return { buffers, take };
}

/** Takes steps one after the other; awaits only what is a promise. */
export function repeat(take: () => void | Promise<void>): Loaded['run'] {
  const goOn = async (pending: Promise<void>, left: number): Promise<void> => {
    await pending;
    for (let i = 0; i < left; i++) {
      const next = take();
      if (next) await next;
    }
  };
  return (count) => {
    for (let i = 0; i < count; i++) {
      const pending = take();
      if (pending) return goOn(pending, count - i - 1);
    }
    return undefined;
  };
}
