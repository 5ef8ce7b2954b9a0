import type { Optimizer } from '../optim/optimizer.ts';
import type { Batch } from '../optim/oracle.ts';
import {
  type Program,
  type StepObjective,
  type StepProgram,
  serves,
  traceEvaluationPoint,
  traceInit,
  traceStep,
  validationInputs,
} from '../optim/step-program.ts';
import type { Buffer } from '../runtime/engine.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Bundle, Layout } from '../tensor/bundle.ts';
import { concat, constant, parameter } from '../tensor/functions.ts';
import { type BoundProgram, bindProgram } from '../train/bound-program.ts';
import { Buffers } from '../train/buffers.ts';

/** A run whose gradients are given, whatever the parameters. */
export interface GivenRun {
  readonly w0: readonly number[];
  /** The gradient of step t is gradients[t - 1]. */
  readonly gradients: readonly (readonly number[])[];
  /** The Hessian is so many times the identity. Default 0. */
  readonly curvature?: number;
}

/** Parameters after a step, and those to evaluate. */
export interface GivenStep {
  readonly w: readonly number[];
  readonly evaluation: readonly number[];
}

/** Steps an optimizer with given gradients, many runs with programs that are compiled once. The loss of every step is 1. */
export class GivenGradients {
  private readonly optimizer: Optimizer;
  private readonly layout: Layout;
  private readonly runtime: Runtime;
  private readonly buffers: Buffers;
  private readonly phases: { readonly program: StepProgram; readonly bound: BoundProgram }[] = [];
  private init: BoundProgram | null = null;
  private point: BoundProgram | null = null;

  constructor(optimizer: Optimizer, layout: Layout, runtime: Runtime) {
    this.optimizer = optimizer;
    this.layout = layout;
    this.runtime = runtime;
    this.buffers = new Buffers(runtime);
  }

  async run({ w0, gradients, curvature = 0 }: GivenRun): Promise<GivenStep[]> {
    const { buffers, layout, optimizer } = this;
    const scalar = (name: string): Buffer => buffers.get(name, [], 'float64');
    for (const [name, { kind }] of Object.entries(optimizer.spec)) {
      if (kind === 'number' || kind === 'optional') scalar(`hyper.${name}`).data[0] = optimizer.values[name] as number;
    }
    const w = buffers.get('w', [layout.size], 'float32').data;
    w.set(w0);
    scalar('horizon').data[0] = gradients.length;
    scalar('curvature').data[0] = curvature;
    scalar(validationInputs.loss).data[0] = Number.NaN;
    scalar(validationInputs.count).data[0] = 0;
    scalar('t').data[0] = 0;
    await this.begin();
    const steps: GivenStep[] = [];
    for (const [i, gradient] of gradients.entries()) {
      scalar('t').data[0] = i + 1;
      buffers.get('gradient', [layout.size], 'float32').data.set(gradient);
      await (await this.phase(i + 1)).run(1, i + 1);
      await this.point?.run(1, i + 1);
      const evaluated = this.point ? (buffers.find('evaluation.w') as Buffer).data : w;
      steps.push({ w: Array.from(w), evaluation: Array.from(evaluated) });
    }
    return steps;
  }

  release(): void {
    this.buffers.release();
  }

  private bind(program: Program, rename?: Readonly<Record<string, string>>): Promise<BoundProgram> {
    return bindProgram(program, this.runtime, this.buffers, rename);
  }

  private async begin(): Promise<void> {
    const { optimizer, layout } = this;
    if (!this.init) {
      this.init = await this.bind(traceInit(optimizer, layout));
      const point = traceEvaluationPoint(optimizer, layout);
      this.point = point && (await this.bind(point, { w: 'evaluation.w' }));
    }
    await this.init.run(1, 0);
  }

  private async phase(t: number): Promise<BoundProgram> {
    const known = this.phases.find(({ program }) => serves(program, t));
    if (known) return known.bound;
    const program = traceStep(this.optimizer, this.layout, () => givenObjective(this.layout), t);
    const bound = await this.bind(program);
    this.phases.push({ program, bound });
    return bound;
  }
}

const examples = 4;
const ones = constant(new Array<number>(examples).fill(1), { shape: [examples, 1] });

/**
 * 1 + gradient'd + curvature d'd / 2 with d = w - w: a loss of 1 with this gradient and Hessian at every w, for each of four examples. Logits
 * are 0, and grow with w.
 */
export function givenObjective(layout: Layout): StepObjective {
  const gradient = parameter('gradient', [layout.size]);
  const curvature = parameter('curvature', [], 'float64');
  const still = (w: Bundle) => w.flat.sub(w.flat.stopGradient());
  const loss = (w: Bundle, batch: Batch) => {
    const d = still(w);
    return d.mul(gradient).add(d.square().mul(curvature).mul(0.5)).sum().add(1).mul(batch.weight.mean());
  };
  const logits = (w: Bundle, batch: Batch) => concat([batch.weight.mul(still(w).sum().tanh()), batch.weight.mul(0)], 1);
  return {
    batch: () => ({ weight: ones }),
    loss,
    logits,
    lossAndLogits: (w, batch) => ({ loss: loss(w, batch), logits: logits(w, batch) }),
    sampledLoss: (w, batch) => ({ loss: loss(w, batch), labels: examples }),
  };
}
