import type { Buffer } from '../runtime/engine.ts';
import type { Buffers } from './buffers.ts';
import { Evaluator } from './evaluator.ts';
import { initializeTask } from './initialize.ts';
import type { View } from './run.ts';
import { seedsOf } from './seed.ts';
import type { StepperPlan } from './symbolic-stepper.ts';

/** The parameters of trials that are trained together, and what their model keeps: each trial has a slice along axis 0, its lane. */
export class Lanes implements View {
  /** The tensors of the trial that is shown, without that axis. */
  readonly buffers: Buffers;
  readonly evaluator: Evaluator;
  private readonly all: Buffers;
  private readonly names: readonly string[];

  /** Draws the initial tensors of all trials into the buffers of the plan. */
  constructor({ task, layout, runtime, seed, buffers: all }: StepperPlan, count: number, one: Buffers) {
    this.buffers = one;
    this.all = all;
    this.evaluator = new Evaluator(task, layout, runtime, one);
    const seeds = seedsOf(seed);
    initializeTask(task, seeds[0], one);
    this.names = one.names();
    for (const name of this.names) {
      const { shape, dtype } = one.find(name) as Buffer;
      all.get(name, [count, ...shape], dtype);
    }
    for (let trial = 0; trial < count; trial++) {
      if (trial > 0 && trial < seeds.length) initializeTask(task, seeds[trial], one);
      for (const name of this.names) this.lane(name, trial).set(this.data(name));
    }
  }

  show(trial: number, parameters: string): string {
    for (const name of this.names) this.data(name).set(this.lane(name === 'w' ? parameters : name, trial));
    return 'w';
  }

  private data(name: string): Buffer['data'] {
    return (this.buffers.find(name) as Buffer).data;
  }

  private lane(name: string, trial: number): Buffer['data'] {
    const { shape, data } = this.all.find(name) as Buffer;
    const size = data.length / shape[0];
    return data.subarray(trial * size, (trial + 1) * size);
  }
}
