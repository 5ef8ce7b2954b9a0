import type { Dataset } from '../data/dataset.ts';
import type { Buffer } from '../runtime/engine.ts';
import { Breath } from './breath.ts';
import type { Buffers } from './buffers.ts';
import type { Evaluator } from './evaluator.ts';
import { emptyHistory, type History, packHistory, type TrialHistory, unpackHistory } from './history.ts';
import { median } from './median.ts';
import type { Arrays, TrainResult } from './options.ts';
import type { Evaluation, RunStatus } from './result.ts';
import type { Saving } from './saving.ts';
import type { Stepper } from './stepper.ts';
import type { StepperPlan } from './symbolic-stepper.ts';

/** Points of the recorded training curve; a longer run records every so many steps. */
const curvePoints = 500;

/** The median time of a step is taken over this many steps at most. */
const timedSteps = 2000;

/** Where one trial at a time is looked at. */
export interface View {
  readonly buffers: Buffers;
  /** On the tensors in `buffers`. */
  readonly evaluator: Evaluator;
  /** Brings a trial there, from the steppers' buffer of this name with the parameters to evaluate; answers the name of its parameters. */
  show(trial: number, parameters: string): string;
}

export interface RunPlan {
  readonly plan: StepperPlan;
  /** How many trials it trains together. */
  readonly trials: number;
  readonly stepper: Stepper;
  readonly view: View;
  readonly saving: Saving | null;
  readonly until: number;
  readonly evaluateEvery: number;
  /** Evaluate the test set at the end. */
  readonly test: boolean;
  readonly signal: AbortSignal | undefined;
  /** When its set-up began, as performance.now() tells it. */
  readonly began: number;
  /** After each step; the loss is that of the first trial, NaN where the method asked for none. */
  readonly onStep: ((step: number, loss: number) => void) | undefined;
  readonly onEvaluation: ((evaluation: Evaluation) => void) | undefined;
}

/** One run in progress: the loop of one trial, or of several that take their steps together. Each ends by itself where it diverges. */
export class Run {
  private readonly of: RunPlan;
  private readonly history: History;
  /** Of earlier lives of this run. */
  private readonly wallSecondsBefore: number;
  private done = 0;

  constructor(of: RunPlan) {
    this.of = of;
    const { stepper, saving, trials } = of;
    const resumed = saving?.resumed;
    this.history = resumed ? unpackHistory(resumed.history) : emptyHistory(trials);
    this.wallSecondsBefore = saving?.isOwn ? this.history.wallSeconds : 0;
    if (!resumed) return;
    stepper.load(resumed.saved);
    this.done = resumed.step;
    for (const trial of this.history.trials.keys()) this.observe(trial);
  }

  /** Trains to the end; what became of each trial. */
  async finish(): Promise<TrainResult[]> {
    const { saving, plan, test } = this.of;
    const ended = await this.loop();
    const finished = ended && this.isGoing;
    const tested = finished && test ? await this.evaluations(plan.splits?.test ?? null) : [];
    if (finished ? saving?.atEnd : !ended) await this.checkpoint();
    return this.results(ended ? 'finished' : 'interrupted', tested);
  }

  /** Trains until all trials have ended; false when it was interrupted. */
  private async loop(): Promise<boolean> {
    const { plan, until, evaluateEvery, signal, onStep, saving } = this.of;
    const recordEvery = Math.max(1, Math.ceil(plan.steps / curvePoints));
    const breath = new Breath();
    for (let t = this.done + 1; t <= until && this.isGoing; t++) {
      if (signal?.aborted) return false;
      const pending = this.step(t);
      if (pending) await pending;
      this.done = t;
      this.record(t, t % recordEvery === 0 || t === 1);
      if (!this.isGoing) break;
      onStep?.(t, this.of.stepper.losses?.[0] ?? Number.NaN);
      if (t % evaluateEvery === 0 || t === until) {
        await this.validate();
        if (!this.isGoing) break;
      }
      if (t < until && saving?.isDue(t)) await this.checkpoint();
      if (breath.due) await breath.take();
    }
    return true;
  }

  /** Is there a trial that has not diverged? */
  private get isGoing(): boolean {
    return this.history.trials.some(({ diverged }) => !diverged);
  }

  /** One step, timed without what it had to compile first. No promise is made for a synchronous one: that would be garbage at every step. */
  private step(t: number): void | Promise<void> {
    const { stepper } = this.of;
    const compiled = stepper.compileSeconds;
    const start = performance.now();
    const pending = stepper.step(t);
    if (pending) return pending.then(() => this.clock(t, start, compiled));
    this.clock(t, start, compiled);
  }

  private clock(t: number, start: number, compiled: number): void {
    const { stepper, trials } = this.of;
    const milliseconds = (performance.now() - start - (stepper.compileSeconds - compiled) * 1000) / trials;
    this.history.seconds += milliseconds / 1000;
    if (t <= timedSteps) this.history.milliseconds.push(milliseconds);
  }

  /** Looks at the losses of a step, and writes them down if they are `kept`. */
  private record(step: number, kept: boolean): void {
    const { losses } = this.of.stepper;
    if (!losses) return;
    for (let i = 0; i < losses.length; i++) {
      const trial = this.history.trials[i];
      if (trial.diverged) continue;
      const loss = losses[i];
      if (kept) trial.trainLoss.push({ step, loss });
      if (!Number.isFinite(loss)) this.diverge(trial);
    }
  }

  private diverge(trial: TrialHistory): void {
    trial.diverged = { step: this.done, seconds: this.history.seconds, calls: { ...this.of.stepper.calls } };
  }

  private async validate(): Promise<void> {
    const { plan, onEvaluation } = this.of;
    const evaluations = await this.evaluations(plan.splits?.validation ?? null);
    for (const [i, trial] of this.history.trials.entries()) {
      const evaluation = evaluations[i];
      if (!evaluation) continue;
      trial.validation.push(evaluation);
      this.observe(i);
      onEvaluation?.(evaluation);
      if (!Number.isFinite(evaluation.loss)) this.diverge(trial);
    }
  }

  private observe(trial: number): void {
    const { validation } = this.history.trials[trial];
    const latest = validation.at(-1);
    if (latest) this.of.stepper.observe(latest.loss, validation.length, trial);
  }

  /** Of each trial that has not diverged. */
  private async evaluations(data: Dataset | null): Promise<(Evaluation | undefined)[]> {
    const { stepper, view } = this.of;
    const parameters = await stepper.evaluationPoint(this.done);
    const found: (Evaluation | undefined)[] = [];
    for (const [i, { diverged }] of this.history.trials.entries()) {
      const means = diverged ? undefined : await view.evaluator.evaluate(view.show(i, parameters), data);
      found.push(means && { step: this.done, seconds: this.history.seconds, ...means });
    }
    return found;
  }

  private get wallSeconds(): number {
    return this.wallSecondsBefore + (performance.now() - this.of.began) / 1000 / this.of.trials;
  }

  private async checkpoint(): Promise<void> {
    const { saving, stepper } = this.of;
    const history = packHistory({ ...this.history, wallSeconds: this.wallSeconds });
    await saving?.write({ step: this.done, saved: stepper.save(), history });
  }

  private async results(end: RunStatus, tested: readonly (Evaluation | undefined)[]): Promise<TrainResult[]> {
    const parameters = await this.of.stepper.evaluationPoint(this.done);
    return this.history.trials.map((_, i) => this.result(i, end, tested[i], parameters));
  }

  private result(trial: number, end: RunStatus, test: Evaluation | undefined, parameters: string): TrainResult {
    const { plan, stepper, view, trials } = this.of;
    const { task, layout } = plan;
    const { trainLoss, validation, diverged } = this.history.trials[trial];
    const { step, seconds, calls } = diverged ?? {
      step: this.done,
      seconds: this.history.seconds,
      calls: { ...stepper.calls },
    };
    const { metric, value } = task.target;
    const reached = validation.find(({ loss, metrics }) => (metric === 'loss' ? loss : metrics[metric]) <= value);
    const point = (view.buffers.find(view.show(trial, parameters)) as Buffer).data;
    return {
      status: diverged ? 'diverged' : end,
      steps: step,
      seconds,
      wallSeconds: this.wallSeconds,
      trainLoss,
      validation,
      ...(test && { test }),
      cost: {
        calls,
        stateBytesPerParameter: stepper.stateBytes() / layout.size,
        millisecondsPerStep: median(this.history.milliseconds),
        compileSeconds: (stepper.compileSeconds + view.evaluator.compileSeconds) / trials,
      },
      ...(reached && { targetReached: { step: reached.step, seconds: reached.seconds } }),
      parameters: Object.fromEntries(
        layout.leaves.map(({ name, shape, offset, size }) => [name, { shape, data: copy(point, offset, size) }]),
      ),
      buffers: Object.fromEntries(
        Object.entries(task.buffers).map(([name, { shape }]) => {
          const { data } = view.buffers.get(`model.${name}`, shape, 'float32');
          return [name, { shape, data: copy(data, 0, data.length) }];
        }),
      ),
    };
  }
}

const copy = (from: Buffer['data'], offset: number, size: number): Arrays[string]['data'] =>
  from.slice(offset, offset + size) as Float32Array | Float64Array;
