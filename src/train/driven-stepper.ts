import { type DrivenOptimizer, type HostOracle, type HostState, hostStateBytes } from '../optim/driven.ts';
import { createOracle, noCalls, type OracleCalls } from '../optim/oracle.ts';
import { type Program, programOf } from '../optim/step-program.ts';
import type { Buffer } from '../runtime/engine.ts';
import { Bundle } from '../tensor/bundle.ts';
import { parameter } from '../tensor/functions.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type BoundProgram, bindProgram } from './bound-program.ts';
import { trainingObjective } from './objective.ts';
import type { Saved, SavedTensor, Stepper } from './stepper.ts';
import type { StepperPlan } from './symbolic-stepper.ts';

type Question = 'loss' | 'valueAndGrad' | 'hessianVector';

/** Runs a driven method: its host loop asks compiled oracles. Parameters are float64 on the host. */
export class DrivenStepper implements Stepper {
  readonly calls: OracleCalls = noCalls();
  compileSeconds = 0;
  losses: readonly number[] | undefined;
  private readonly optimizer: DrivenOptimizer;
  private readonly plan: StepperPlan;
  private readonly programs = new Map<string, Promise<BoundProgram>>();
  private w: Float64Array;
  private state: HostState;
  private validation = { loss: Number.NaN, count: 0 };

  constructor(optimizer: DrivenOptimizer, plan: StepperPlan) {
    this.optimizer = optimizer;
    this.plan = plan;
    this.w = Float64Array.from(this.wBuffer().data);
    this.state = optimizer.init(plan.layout.size);
  }

  async step(t: number): Promise<void> {
    const { optimizer, state, w, plan } = this;
    plan.minibatches?.fill(t);
    const { validation } = this;
    const context = { w, state, oracle: this.oracle(t), t, horizon: plan.steps, hyper: optimizer.values, validation };
    const next = await optimizer.step(context);
    this.w = next.w;
    this.state = next.state;
    this.losses = next.loss === undefined ? undefined : [next.loss];
  }

  async evaluationPoint(): Promise<string> {
    this.wBuffer().data.set(this.w);
    return 'w';
  }

  observe(loss: number, count: number): void {
    this.validation = { loss, count };
  }

  stateBytes(): number {
    return hostStateBytes(this.state);
  }

  save(): Saved {
    const tensors: Record<string, SavedTensor> = { w: { shape: [this.w.length], data: this.w } };
    for (const name of this.plan.buffers.names().filter((n) => n.startsWith('model.'))) {
      const { shape, data } = this.plan.buffers.find(name) as Buffer;
      tensors[name] = { shape, data };
    }
    return { extra: { calls: this.calls, state: encode(this.state, 'state', tensors) }, tensors };
  }

  load({ tensors, extra }: Saved): void {
    const { calls, state } = extra as { calls: OracleCalls; state: Encoded };
    Object.assign(this.calls, calls);
    this.w = Float64Array.from(tensors.w.data);
    this.state = decode(state, tensors);
    for (const [name, { data }] of Object.entries(tensors)) {
      if (name.startsWith('model.')) this.plan.buffers.find(name)?.data.set(data);
    }
  }

  private wBuffer(): Buffer {
    return this.plan.buffers.get('w', [this.plan.layout.size], 'float32');
  }

  private oracle(t: number): HostOracle {
    const { buffers, seed, layout } = this.plan;
    const ask = async (question: Question, w: Float64Array, batch: number): Promise<void> => {
      const program = await this.program(question, batch);
      this.wBuffer().data.set(w);
      await program.run(seed, t);
    };
    const read = (name: string): Float64Array => Float64Array.from((buffers.find(name) as Buffer).data);
    return {
      calls: this.calls,
      loss: async (w, { batch = 0 } = {}) => {
        this.calls.loss++;
        await ask('loss', w, batch);
        return read('loss')[0];
      },
      valueAndGrad: async (w, { batch = 0 } = {}) => {
        this.calls.gradient++;
        await ask('valueAndGrad', w, batch);
        return { value: read('loss')[0], grad: read('grad') };
      },
      hessianVector: async (w, v, { batch = 0 } = {}) => {
        this.calls.hessianVector++;
        buffers.get('v', [layout.size], 'float32').data.set(v);
        await ask('hessianVector', w, batch);
        return read('hessianVector');
      },
    };
  }

  private program(question: Question, batch: number): Promise<BoundProgram> {
    const key = `${question}/${batch}`;
    const found = this.programs.get(key) ?? this.compile(question, batch);
    this.programs.set(key, found);
    return found;
  }

  private async compile(question: Question, batch: number): Promise<BoundProgram> {
    const start = performance.now();
    const bound = await bindProgram(this.trace(question, batch), this.plan.runtime, this.plan.buffers);
    this.compileSeconds += (performance.now() - start) / 1000;
    return bound;
  }

  private trace(question: Question, batch: number): Program {
    const { task, layout, splits, batchSize } = this.plan;
    const objective = trainingObjective(task, splits?.train.fields ?? {}, batchSize);
    const { oracle } = createOracle(objective);
    const w = Bundle.fromFlat(layout, parameter('w', [layout.size]));
    const answers: Readonly<Record<Question, () => Record<string, Tensor>>> = {
      loss: () => ({ loss: oracle.loss(w, { batch }) }),
      valueAndGrad: () => {
        const { value, grad } = oracle.valueAndGrad(w, { batch });
        return { loss: value, grad: grad.flat };
      },
      hessianVector: () => {
        const v = Bundle.fromFlat(layout, parameter('v', [layout.size]));
        return { hessianVector: oracle.hessianVector(w, v, { batch }).flat };
      },
    };
    return programOf(answers[question]());
  }
}

/** Host state as JSON, with the vectors kept apart. JSON has no name for infinities and NaN. */
type Encoded =
  | number
  | 'Infinity'
  | '-Infinity'
  | 'NaN'
  | { tensor: string }
  | { list: Encoded[] }
  | { record: Record<string, Encoded> };

function encode(state: HostState, path: string, tensors: Record<string, SavedTensor>): Encoded {
  if (typeof state === 'number') return Number.isFinite(state) ? state : (String(state) as 'NaN');
  if (state instanceof Float64Array) {
    tensors[path] = { shape: [state.length], data: state };
    return { tensor: path };
  }
  if (Array.isArray(state)) return { list: state.map((part, i) => encode(part, `${path}.${i}`, tensors)) };
  const entries = Object.entries(state as Readonly<Record<string, HostState>>);
  return { record: Object.fromEntries(entries.map(([key, part]) => [key, encode(part, `${path}.${key}`, tensors)])) };
}

function decode(encoded: Encoded, tensors: Saved['tensors']): HostState {
  if (typeof encoded !== 'object') return Number(encoded);
  if ('tensor' in encoded) return Float64Array.from(tensors[encoded.tensor].data);
  if ('list' in encoded) return encoded.list.map((part) => decode(part, tensors));
  return Object.fromEntries(Object.entries(encoded.record).map(([key, part]) => [key, decode(part, tensors)]));
}
