import type { CompetitorPlan, Outcome, Protocol, Trial, TrialPlan } from '../lab/protocol.ts';
import type { TrialRunner } from '../lab/runner.ts';
import { log } from '../optim/hyper.ts';

/** Races without training: trials whose ends are made up. */

export const competitorPlan = (label: string): CompetitorPlan => ({
  label,
  optimizer: label,
  fixed: {},
  space: { lr: log(1e-4, 1) },
  scheduled: true,
});

export const protocolOf = (labels: readonly string[], changes: Partial<Protocol> = {}): Protocol => ({
  task: 'made-up',
  taskSummary: 'A task <for> tests & nothing else',
  hasData: true,
  parameters: 1000,
  batchSize: 8,
  target: { metric: 'error', value: 0.1 },
  competitors: labels.map(competitorPlan),
  baseline: labels.includes('adamw') ? 'adamw' : null,
  seed: 0,
  search: 'halton',
  trials: 3,
  tuneSteps: 50,
  tuneSeed: 0,
  steps: 100,
  finalSeeds: [1, 2, 3],
  evaluations: 4,
  schedule: { warmup: 0.05, decay: 'linear' },
  engine: 'auto',
  jobs: 1,
  ...changes,
});

export const trialPlan = (competitor: string, phase: 'tune' | 'final', index: number, lr = 0.1): TrialPlan => ({
  id: `${competitor}/${phase}/${index}`,
  competitor,
  phase,
  index,
  seed: phase === 'tune' ? 0 : 1 + index,
  steps: phase === 'tune' ? 50 : 100,
  evaluateEvery: phase === 'tune' ? 50 : 25,
  test: phase === 'final',
  values: { lr },
});

/** A run that ends with this error; its loss is three times that. The target is met at the evaluation where the curve crosses 0.1. */
export function finishedOutcome({ steps, evaluateEvery, test }: TrialPlan, error: number): Outcome {
  const count = Math.floor(steps / evaluateEvery);
  const validation = Array.from({ length: count }, (_, i) => {
    const now = error * (1 + 0.5 * (count - 1 - i));
    return { step: (i + 1) * evaluateEvery, seconds: (i + 1) / 10, loss: 3 * now, metrics: { error: now } };
  });
  const reached = validation.find(({ metrics }) => metrics.error <= 0.1);
  return {
    status: 'finished',
    steps,
    seconds: count / 10,
    trainLoss: [{ step: 1, loss: 2 }],
    validation,
    ...(test && { test: { step: steps, seconds: count / 10, loss: 3.3 * error, metrics: { error: 1.1 * error } } }),
    ...(reached && { targetReached: { step: reached.step, seconds: reached.seconds } }),
    cost: {
      calls: { loss: 0, gradient: steps, hessianVector: 0, perExample: 0 },
      stateBytesPerParameter: 8,
      millisecondsPerStep: 1,
      compileSeconds: 0,
    },
    wallSeconds: 0.5,
  };
}

export const divergedOutcome = (plan: TrialPlan): Outcome => ({
  ...finishedOutcome(plan, 0),
  status: 'diverged',
  steps: 7,
  // A run may look splendid up to the step where it blows up.
  validation: [{ step: 5, seconds: 0.1, loss: 0, metrics: { error: 0 } }],
});

export const finalTrials = (competitor: string, errors: readonly number[]): Trial[] =>
  errors.map((error, index) => {
    const plan = trialPlan(competitor, 'final', index);
    return { plan, outcome: finishedOutcome(plan, error) };
  });

/** Lanes that answer with made-up outcomes, one after another, each after a turn of the event loop. */
export const fakeRunner = (
  answer: (plan: TrialPlan, signal: AbortSignal) => Outcome | Promise<Outcome>,
  lanes = 1,
): TrialRunner => ({
  prepare: async () => ({ hasData: true }),
  lanes: Array.from({ length: lanes }, () => ({
    run: async (plan: TrialPlan, _: unknown, signal: AbortSignal) => {
      await new Promise((resolve) => setImmediate(resolve));
      return answer(plan, signal);
    },
  })),
  close: async () => {},
});
